// signInWithIdToken, and linking with one: honest tokens, and every lie a provider can tell.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { admin, claimsOf, client, hostileUrl, newUser, ok, signedIn } from '../support/clients.mjs'
import { signInThrough, browserOf } from '../support/providers.mjs'
import { hostileProvider } from '../support/settings.mjs'

const hashed = (nonce) => createHash('sha256').update(nonce).digest('hex')
const newSub = () => `sub-${randomBytes(6).toString('hex')}`

/** A token of the issuer that plays `trick`. */
async function mint(trick, { sub = newSub(), nonce, claims = {} } = {}) {
  const query = new URLSearchParams({ sub, claims: JSON.stringify(claims), ...(nonce ? { nonce } : {}) })
  const { id_token } = await (await fetch(`${hostileUrl}/${trick}/mint?${query}`)).json()
  return { sub, token: id_token }
}

const signIn = (trick, token, nonce, app = client()) =>
  app.auth.signInWithIdToken({ provider: hostileProvider(trick), token, nonce })

function assertRefused({ data, error }) {
  assert.equal(data?.session ?? null, null)
  assert.ok(error.code, `${error.status} ${error.message}`)
  assert.ok(error.status >= 400 && error.status < 500, `${error.status} ${error.message}`)
}

/** A refusal of a lie means something only where the same provider without a lie is let in. */
async function honestIsLetIn() {
  ok(await signIn('honest', (await mint('honest')).token))
}

describe('signInWithIdToken', () => {
  test('signs a person in', async () => {
    const nonce = randomBytes(16).toString('hex')
    const { sub, token } = await mint('honest', { nonce: hashed(nonce) })

    const { user, session } = ok(await signIn('honest', token, nonce))

    assert.deepEqual([user.email, user.identities[0].id], [`${sub}@idp.example`, sub])
    assert.equal(claimsOf(session.access_token).amr[0].method, 'oauth')
  })
  test('knows the person again', async () => {
    const sub = newSub()
    const once = async () => ok(await signIn('honest', (await mint('honest', { sub })).token)).user.id

    assert.equal(await once(), await once())
  })
  test('a nonce that is not the one of the token is refused', async () => {
    const { token } = await mint('honest', { nonce: hashed('one') })

    assertRefused(await signIn('honest', token, 'another'))
    assertRefused(await signIn('honest', token))
    assertRefused(await signIn('honest', (await mint('honest')).token, 'one'))
  })
  test("a token of one provider is not another's", async () => {
    const { token } = await mint('honest')

    assertRefused(await signIn('mail-unverified', token))
  })
  test('an unknown provider is refused', async () => {
    const { token } = await mint('honest')

    assertRefused(await client().auth.signInWithIdToken({ provider: 'custom:nobody', token }))
  })
  test('a word that is no token is refused', async () => {
    assertRefused(await signIn('honest', 'nonsense'))
    assertRefused(await signIn('honest', `${'a.'.repeat(5000)}a`))
  })
})

describe('an id_token that lies', () => {
  before(honestIsLetIn)
  for (const trick of [
    'wrong-issuer',
    'alg-none',
    'key-confusion',
    'wrong-audience',
    'expired',
    'foreign-key',
    'jwk-header',
    'no-subject',
    'huge-jwks',
    'slow-jwks',
    'discovery-issuer',
    'redirecting-jwks',
  ]) {
    test(`is not fooled: ${trick}`, { timeout: 60_000 }, async () => {
      const { token } = await mint(trick)

      const result = await signIn(trick, token)

      assert.equal(result.data?.session ?? null, null)
      // The client has a name and no code for a provider that cannot be reached (502).
      assert.ok(result.error.code ?? result.error.name === 'AuthRetryableFetchError', result.error.message)
    })
  }
})

describe('the code flow with a provider that lies', () => {
  before(honestIsLetIn)
  test('the same provider without a lie is let in', async () => {
    const { fragment } = await signInThrough(client(), {
      provider: hostileProvider('honest'),
      visitor: browserOf(),
    })

    assert.ok(fragment.access_token)
  })
  for (const trick of [
    'wrong-issuer',
    'alg-none',
    'key-confusion',
    'wrong-audience',
    'wrong-nonce',
    'no-nonce',
    'expired',
    'foreign-key',
    'jwk-header',
    'mixed-up-iss',
    'huge-jwks',
    'slow-jwks',
    'discovery-issuer',
    'no-subject',
    'redirecting-jwks',
  ]) {
    test(`is not fooled: ${trick}`, { timeout: 60_000 }, async () => {
      const back = await signInThrough(client(), { provider: hostileProvider(trick), visitor: browserOf() })

      assert.equal(back.fragment.access_token, undefined)
      assert.equal(back.query.code, undefined)
      const reason = back.fragment.error_code ?? back.query.error_code
      assert.ok(
        reason || (back.status >= 400 && back.text.includes('error')),
        `${back.url} ${back.status} ${back.text}`,
      )
    })
  }
})

describe('an address that a provider does not vouch for', () => {
  before(honestIsLetIn)
  for (const trick of ['mail-unverified', 'mail-verified-text', 'mail-verified-missing']) {
    test(`joins no user who has it: ${trick}`, async () => {
      const sub = newSub()
      const { user } = await newUser({ email: `${sub}@idp.example` })
      const { token } = await mint(trick, { sub })

      const { data } = await signIn(trick, token)

      assert.notEqual(data?.user?.id, user.id)
      const { identities } = ok(await admin.getUserById(user.id)).user
      assert.deepEqual(
        identities.map((it) => it.provider),
        ['email'],
      )
    })
    test(`is not confirmed: ${trick}`, async () => {
      const { sub, token } = await mint(trick)

      const { data } = await signIn(trick, token)

      if (data?.user) assert.equal(data.user.email_confirmed_at ?? null, null, sub)
    })
  }
})

describe('linkIdentity with an id_token', () => {
  test('adds a way to sign in', async () => {
    const { app, user } = await signedIn()
    const { token, sub } = await mint('honest')

    ok(await app.auth.linkIdentity({ provider: hostileProvider('honest'), token }))

    const again = ok(await signIn('honest', (await mint('honest', { sub })).token))
    assert.equal(again.user.id, user.id)
  })
})
