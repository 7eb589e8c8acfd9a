// signInWithOAuth and exchangeCodeForSession: whole round trips through a real provider.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  admin,
  auth,
  claimsOf,
  client,
  newPassword,
  newUser,
  ok,
  oidcUrl,
  refused,
} from '../support/clients.mjs'
import { account, browserOf, signInThrough, walk } from '../support/providers.mjs'
import { OIDC_PROVIDER } from '../support/settings.mjs'

const pkce = () => client({ flowType: 'pkce' })

describe('signInWithOAuth with PKCE', () => {
  test('signs a new person in', async () => {
    const { sub, email } = await account()
    const app = pkce()

    const back = await signInThrough(app, { visitor: browserOf(sub) })
    assert.deepEqual(Object.keys(back.query), ['code'], back.url.href)
    const { session } = ok(await app.auth.exchangeCodeForSession(back.query.code))

    const { user } = session
    assert.deepEqual([user.email, user.app_metadata.provider], [email, OIDC_PROVIDER])
    assert.ok(user.email_confirmed_at)
    const [identity] = user.identities
    assert.deepEqual([identity.provider, identity.id, identity.user_id], [OIDC_PROVIDER, sub, user.id])
    assert.deepEqual([identity.identity_data.email, identity.identity_data.name], [email, 'Ada'])
    assert.deepEqual(
      claimsOf(session.access_token).amr.map((it) => it.method),
      ['oauth'],
    )
  })
  test('knows the person again by their number at the provider, not by the address', async () => {
    const { sub } = await account()
    const first = pkce()
    const before = ok(
      await first.auth.exchangeCodeForSession(
        (await signInThrough(first, { visitor: browserOf(sub) })).query.code,
      ),
    )
    await account({ sub, email: `moved-${sub}@idp.example` })

    const second = pkce()
    const after = ok(
      await second.auth.exchangeCodeForSession(
        (await signInThrough(second, { visitor: browserOf(sub) })).query.code,
      ),
    )

    assert.equal(after.user.id, before.user.id)
    assert.equal(after.user.identities[0].identity_data.email, `moved-${sub}@idp.example`)
  })
  test('a code works once', async () => {
    const { sub } = await account()
    const app = pkce()
    const { query } = await signInThrough(app, { visitor: browserOf(sub) })
    ok(await app.auth.exchangeCodeForSession(query.code))

    await app.auth.signInWithOAuth({ provider: OIDC_PROVIDER, options: { skipBrowserRedirect: true } })
    const { error } = await app.auth.exchangeCodeForSession(query.code)

    assert.match(error.code, /^flow_state_(not_found|already_used)$/)
  })
  test('keeps what the app put into the address to come back to', async () => {
    const { sub } = await account()
    const app = client({ flowType: 'pkce', experimental: { appendPkceFlowIdToRedirects: true } })

    const { query } = await signInThrough(app, { visitor: browserOf(sub) })

    assert.match(query.sb_flow_id, /^[0-9a-f]{32}$/)
    ok(await app.auth.exchangeCodeForSession(query.code, { flowId: query.sb_flow_id }))
  })
  test("a code is worth nothing without its client's verifier", async () => {
    const { sub } = await account()
    const { query } = await signInThrough(pkce(), { visitor: browserOf(sub) })
    const thief = pkce()
    await thief.auth.signInWithOAuth({ provider: OIDC_PROVIDER, options: { skipBrowserRedirect: true } })

    refused(await thief.auth.exchangeCodeForSession(query.code), 400, 'bad_code_verifier')
  })
  test('an unknown code is refused', async () => {
    const app = pkce()
    await app.auth.signInWithOAuth({ provider: OIDC_PROVIDER, options: { skipBrowserRedirect: true } })

    refused(await app.auth.exchangeCodeForSession(randomUUID()), 404, 'flow_state_not_found')
  })
  test('of a hundred parallel uses of a code exactly one wins', async () => {
    const { sub } = await account()
    let verifier
    const spying = (input, init) => {
      verifier = JSON.parse(init.body ?? '{}').code_verifier ?? verifier
      return new Response('{}', { status: 503 })
    }
    const app = client({ flowType: 'pkce', fetch: spying })
    const { query } = await signInThrough(app, { visitor: browserOf(sub) })
    await app.auth.exchangeCodeForSession(query.code)
    const exchange = () =>
      fetch(`${auth}/token?grant_type=pkce`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ auth_code: query.code, code_verifier: verifier }),
      })

    const answers = await Promise.all(Array.from({ length: 100 }, exchange))

    assert.equal(answers.filter((it) => it.status === 200).length, 1)
  })
})

describe('signInWithOAuth without PKCE', () => {
  test('brings the session in the fragment', async () => {
    const { sub, email } = await account()

    const { fragment, query } = await signInThrough(client(), { visitor: browserOf(sub) })

    assert.deepEqual(query, {})
    assert.deepEqual([fragment.token_type, fragment.expires_in], ['bearer', '3600'])
    assert.ok(fragment.provider_token)
    const { user } = ok(await client().auth.setSession(fragment))
    assert.equal(user.email, email)
  })
})

describe('what goes to the provider', () => {
  test('is PKCE, a state and a nonce, whatever the app asked for', async () => {
    const { trail } = await signInThrough(client(), {
      options: { scopes: 'profile', queryParams: { login_hint: 'ada' } },
    })

    const asked = new URL(trail.find((it) => it.startsWith(`${oidcUrl}/auth?`)))
    const query = Object.fromEntries(asked.searchParams)
    assert.deepEqual(
      [query.response_type, query.code_challenge_method, query.redirect_uri],
      ['code', 'S256', `${auth}/callback`],
    )
    assert.ok(query.state.length >= 22 && query.nonce.length >= 22, asked.search)
    assert.match(query.scope, /openid/)
    assert.match(query.scope, /profile/)
  })
  test('a second start has another state, nonce and challenge', async () => {
    const starts = [await signInThrough(client()), await signInThrough(client())]

    const asked = starts.map(
      ({ trail }) => new URL(trail.find((it) => it.startsWith(`${oidcUrl}/auth?`))).searchParams,
    )
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.notEqual(asked[0].get(name), asked[1].get(name), name)
    }
  })
})

describe('a sign-in that fails', () => {
  test('a person who says no comes back with the reason', async () => {
    const { fragment, query } = await signInThrough(client())

    assert.deepEqual([fragment.error ?? query.error, fragment.access_token], ['access_denied', undefined])
  })
  test('an unknown provider is refused at the start', async () => {
    const { url } = ok(
      await client().auth.signInWithOAuth({ provider: 'nobody', options: { skipBrowserRedirect: true } }),
    )

    const response = await fetch(url, { redirect: 'manual' })
    const body = await response.json()

    assert.deepEqual([response.status, body.error_code], [400, 'validation_failed'])
    assert.match(body.msg, /^Unsupported provider: /)
  })
  test('a replayed callback signs nobody in', async () => {
    const { sub } = await account()
    const visitor = browserOf(sub)
    const { trail } = await signInThrough(client(), { visitor })
    const callback = trail.find((it) => it.startsWith(`${auth}/callback?`))

    const again = await walk(callback, visitor)

    assert.equal(again.fragment.access_token, undefined)
    assert.equal(again.query.code, undefined)
  })
  test('a callback with a state that nobody made is refused', async () => {
    const again = await walk(`${auth}/callback?code=x&state=${randomUUID()}`, browserOf())

    assert.equal(again.fragment.access_token, undefined)
    assert.match(`${again.url.href} ${again.text}`, /bad_oauth_state|bad_oauth_callback|flow_state/)
  })
})

describe('an address that is known already', () => {
  test('a verified one at the provider joins a confirmed one here', async () => {
    const { user, email } = await newUser()
    const { sub } = await account({ email })

    const { fragment } = await signInThrough(client(), { visitor: browserOf(sub) })

    const seen = ok(await client().auth.setSession(fragment)).user
    assert.equal(seen.id, user.id)
    assert.deepEqual(seen.identities.map((it) => it.provider).sort(), [OIDC_PROVIDER, 'email'].sort())
  })
  test('an unverified one at the provider takes over nobody', async () => {
    const { user, email } = await newUser()
    const { sub } = await account({ email, email_verified: false })

    const { fragment } = await signInThrough(client(), { visitor: browserOf(sub) })

    if (fragment.access_token) assert.notEqual(claimsOf(fragment.access_token).sub, user.id)
    const { identities } = ok(await admin.getUserById(user.id)).user
    assert.deepEqual(
      identities.map((it) => it.provider),
      ['email'],
    )
  })
  test('who took the address before its owner came loses it', async () => {
    const { sub, email } = await account()
    const attacker = { email, password: newPassword() }
    ok(await client().auth.signUp(attacker))

    const { fragment } = await signInThrough(client(), { visitor: browserOf(sub) })

    const owner = ok(await client().auth.setSession(fragment)).user
    assert.deepEqual(
      owner.identities.map((it) => it.provider),
      [OIDC_PROVIDER],
    )
    refused(await client().auth.signInWithPassword(attacker), 400, 'invalid_credentials')
  })
})
