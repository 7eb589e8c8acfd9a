// refreshSession, getUser, getClaims and signOut: what becomes of a session.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import {
  admin,
  auth,
  claimsOf,
  client,
  keys,
  ok,
  refused,
  request,
  signedIn,
  sleep,
  url,
} from '../support/clients.mjs'
import { REUSE_SECONDS } from '../support/settings.mjs'

const refresh = (refresh_token) => client().auth.refreshSession({ refresh_token })
const claimed = (token) => client().auth.getUser(token)

/** The status of a data API call with a user's token. */
async function dataStatus(token) {
  const response = await fetch(`${url}/rest/v1/`, {
    headers: { apikey: keys.publishable, authorization: `Bearer ${token}` },
  })
  await response.body.cancel()
  return response.status
}

describe('refreshSession', () => {
  test('gives new tokens of the same session', async () => {
    const { app, session } = await signedIn()

    const { session: next } = ok(await app.auth.refreshSession())

    assert.notEqual(next.refresh_token, session.refresh_token)
    const [before, after] = [session, next].map((it) => claimsOf(it.access_token))
    assert.deepEqual([after.session_id, after.sub, after.aal], [before.session_id, before.sub, before.aal])
    ok(await claimed(next.access_token))
  })
  test('a lost answer does no harm: the token before the newest is taken again', async () => {
    const { session } = await signedIn()
    const { session: lost } = ok(await refresh(session.refresh_token))

    const { session: again } = ok(await refresh(session.refresh_token))

    assert.equal(again.refresh_token, lost.refresh_token)
    ok(await refresh(again.refresh_token))
  })
  test('a hundred parallel uses of one token are one lineage', async () => {
    const { session } = await signedIn()

    const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(session.refresh_token)))

    const tokens = new Set(answers.map((it) => ok(it).session.refresh_token))
    assert.equal(tokens.size, 1)
  })
  test('an old token, long after, ends the session', async () => {
    const { session } = await signedIn()
    const { session: second } = ok(await refresh(session.refresh_token))
    const { session: third } = ok(await refresh(second.refresh_token))
    await sleep((REUSE_SECONDS + 1) * 1000)

    refused(await refresh(session.refresh_token), 400, 'refresh_token_already_used')

    const after = await refresh(third.refresh_token)
    assert.match(after.error.code, /^(refresh_token_not_found|session_not_found|session_expired)$/)
    assert.equal(await dataStatus(third.access_token), 401)
  })
  test('an unknown token is refused', async () => {
    const error = refused(await refresh('nonsense'), 400, 'refresh_token_not_found')

    assert.equal(error.message, 'Invalid Refresh Token: Refresh Token Not Found')
  })
  test('a token with one bit turned is refused', async () => {
    const { session } = await signedIn()
    const letters = [...session.refresh_token]
    const middle = letters.length >> 1
    letters[middle] = letters[middle] === 'A' ? 'B' : 'A'

    refused(await refresh(letters.join('')), 400, 'refresh_token_not_found')
    ok(await refresh(session.refresh_token))
  })
  test('a missing token is named', async () => {
    const { status, body } = await request('/token?grant_type=refresh_token', { body: {} })

    assert.equal(status, 400)
    assert.match(JSON.stringify(body), /refresh_token/)
  })
  test('a banned user gets no new tokens, and the present one ends at once', async () => {
    const { user, session } = await signedIn()

    ok(await admin.updateUserById(user.id, { ban_duration: '1h' }))

    const { error } = await refresh(session.refresh_token)
    assert.match(error.code, /^(user_banned|refresh_token_not_found|session_not_found)$/)
    assert.equal(await dataStatus(session.access_token), 401)
  })
})

describe('getUser', () => {
  test('answers the bare user', async () => {
    const { user, email, app } = await signedIn({ user_metadata: { nick: 'Zo' } })

    const { user: seen } = ok(await app.auth.getUser())

    assert.deepEqual([seen.id, seen.email, seen.user_metadata], [user.id, email, { nick: 'Zo' }])
    assert.ok(seen.last_sign_in_at)
  })
  test('a forged token is refused', async () => {
    const { session } = await signedIn()
    const forged = `${session.access_token.slice(0, -6)}AAAAAA`

    refused(await claimed(forged), 403, 'bad_jwt')
  })
  test('a deleted user is gone', async () => {
    const { user, session } = await signedIn()

    ok(await admin.deleteUser(user.id))

    const { error } = await claimed(session.access_token)
    // The client words `session_not_found` as an error of its own.
    assert.ok(error.name === 'AuthSessionMissingError' || error.code === 'user_not_found', error.name)
  })
})

describe('getClaims', () => {
  test('verifies a token with the published keys and asks nobody else', async () => {
    const asked = []
    const recording = (input, init) => {
      asked.push(new URL(input.url ?? input).pathname)
      return fetch(input, init)
    }
    const { user, app } = await signedIn({}, { fetch: recording })
    asked.length = 0

    const { claims, header } = ok(await app.auth.getClaims())

    assert.equal(claims.sub, user.id)
    assert.equal(header.alg, 'ES256')
    assert.ok(header.kid)
    assert.deepEqual(asked, ['/auth/v1/.well-known/jwks.json'])
  })
  test('an independent library verifies the token from the published keys alone', async () => {
    const { user, session } = await signedIn()
    const published = createRemoteJWKSet(new URL(`${auth}/.well-known/jwks.json`))

    const { payload } = await jwtVerify(session.access_token, published, {
      audience: 'authenticated',
      algorithms: ['ES256'],
      issuer: auth,
    })

    assert.equal(payload.sub, user.id)
    for (const claim of ['exp', 'iat', 'session_id', 'role', 'aal', 'amr', 'app_metadata', 'user_metadata']) {
      assert.ok(claim in payload, claim)
    }
  })
  test('the published keys hold nothing private', async () => {
    const { status, headers, body } = await request('/.well-known/jwks.json')

    assert.deepEqual([status, headers.get('cache-control')], [200, 'public, max-age=600'])
    assert.ok(body.keys.length > 0)
    for (const key of body.keys) {
      assert.deepEqual(
        ['d', 'k', 'p', 'q'].filter((name) => name in key),
        [],
      )
      assert.ok(key.kid)
    }
  })
})

describe('signOut', () => {
  async function twoDevices() {
    const person = await signedIn()
    const other = client()
    const { session } = ok(await other.auth.signInWithPassword(person))
    return {
      here: person.app,
      there: other,
      hereToken: person.session.access_token,
      thereToken: session.access_token,
    }
  }
  const isAlive = async (token) => (await claimed(token)).error === null

  for (const [scope, here, there] of [
    ['global', false, false],
    ['local', false, true],
    ['others', true, false],
  ]) {
    test(`${scope}: ${here ? 'stays here' : 'ends here'}, ${there ? 'stays there' : 'ends there'}`, async () => {
      const devices = await twoDevices()

      ok(await devices.here.auth.signOut({ scope }))

      assert.equal(await isAlive(devices.hereToken), here)
      assert.equal(await isAlive(devices.thereToken), there)
      const expected = (lives) => (lives ? 200 : 401)
      assert.equal(await dataStatus(devices.hereToken), expected(here))
      assert.equal(await dataStatus(devices.thereToken), expected(there))
    })
  }
  test('an ended session is named as such', async () => {
    const { app, session } = await signedIn()
    await app.auth.signOut()

    const { error } = await claimed(session.access_token)

    assert.ok(error.name === 'AuthSessionMissingError' || error.code === 'session_not_found', error.name)
  })
  test('an ended session cannot be refreshed', async () => {
    const { app, session } = await signedIn()
    await app.auth.signOut()

    const { error } = await refresh(session.refresh_token)

    assert.match(error.code ?? '', /^(refresh_token_not_found|session_not_found)$/)
  })
  test('answers nothing', async () => {
    const { session } = await signedIn()

    const { status, body } = await request('/logout?scope=local', {
      method: 'POST',
      token: session.access_token,
    })

    assert.deepEqual([status, body], [204, ''])
  })
})
