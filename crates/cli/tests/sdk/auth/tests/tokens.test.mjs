// Tokens that somebody else made: each is refused, by the auth service and by the data API alike.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose'
import { auth, claimsOf, keys, request, signedIn, url } from '../support/clients.mjs'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const hmac = (body, secret) => createHmac('sha256', secret).update(body).digest('base64url')

let real, claims, header, published, foreign
before(async () => {
  real = (await signedIn()).session.access_token
  claims = claimsOf(real)
  header = JSON.parse(Buffer.from(real.split('.')[0], 'base64url').toString())
  published = (await (await fetch(`${auth}/.well-known/jwks.json`)).json()).keys
  foreign = await generateKeyPair('ES256', { extractable: true })
})

const unsigned = (head, body = claims) => `${encode(head)}.${encode(body)}.`
const byForeign = (head, body = claims) =>
  new SignJWT(body).setProtectedHeader({ ...header, ...head }).sign(foreign.privateKey)
async function byPublicKey(format) {
  const key = published.find((it) => it.kid === header.kid)
  const secret =
    format === 'jwk'
      ? JSON.stringify(key)
      : (await importJWK(key, 'ES256')) && Buffer.from(key.x, 'base64url')
  const body = `${encode({ alg: 'HS256', typ: 'JWT', kid: header.kid })}.${encode(claims)}`
  return `${body}.${hmac(body, secret)}`
}
/** Keeps the signature and changes what it signs. */
const tampered = (change) => {
  const [head, , signature] = real.split('.')
  return `${head}.${encode({ ...claims, ...change })}.${signature}`
}

const forged = {
  'alg none': () => unsigned({ ...header, alg: 'none' }),
  'alg None': () => unsigned({ ...header, alg: 'None' }),
  'alg none with the old signature': () => `${unsigned({ ...header, alg: 'none' })}${real.split('.')[2]}`,
  'no alg': () => unsigned({ kid: header.kid }),
  'an empty signature': () => `${real.split('.').slice(0, 2).join('.')}.`,
  'no signature': () => real.split('.').slice(0, 2).join('.'),
  'another signature': () => `${real.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`,
  'a signature of zeros': () =>
    `${real.split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`,
  'another role': () => tampered({ role: 'service_role' }),
  'a later end': () => tampered({ exp: claims.exp + 3600 }),
  'another person': () => tampered({ sub: 'a11ce000-0000-4000-8000-000000000001' }),
  'a higher level': () => tampered({ aal: 'aal2' }),
  'HS256 with the public key as secret (JWK)': () => byPublicKey('jwk'),
  'HS256 with the public key as secret (bytes)': () => byPublicKey('bytes'),
  'a foreign key under our kid': () => byForeign({}),
  'a foreign key under no kid': () => byForeign({ kid: undefined }),
  'a foreign key under an unknown kid': () => byForeign({ kid: 'unknown' }),
  'a foreign key that came along (jwk)': async () => byForeign({ jwk: await exportJWK(foreign.publicKey) }),
  'a foreign key to be fetched (jku)': () =>
    byForeign({ jku: `${process.env.POSTERN_TEST_HOSTILE}/honest/jwks` }),
  'a foreign certificate to be fetched (x5u)': () =>
    byForeign({ x5u: `${process.env.POSTERN_TEST_HOSTILE}/honest/jwks` }),
  'a kid that is a path': () => byForeign({ kid: '../../../../dev/null' }),
  'a kid that is SQL': () => byForeign({ kid: "' or 1=1 --" }),
  'a kid of a kilobyte': () => byForeign({ kid: 'k'.repeat(1024) }),
  'a critical header that nobody knows': () =>
    byForeign({ crit: ['b64'], b64: false }).catch(() => unsigned({ ...header, crit: ['x'] })),
  'no end': () => byForeign({}, { ...claims, exp: undefined }),
  'an end that is text': () => byForeign({}, { ...claims, exp: 'never' }),
  'a token twice': () => `${real}.${real}`,
  'thousands of dots': () => '.'.repeat(4000),
  'one letter less': () => real.slice(0, -1),
  'the refresh token': async () => (await signedIn()).session.refresh_token,
}

describe('a forged token', () => {
  for (const [name, make] of Object.entries(forged)) {
    test(`${name} is refused`, async () => {
      const token = await make()

      const user = await request('/user', { token })
      const data = await fetch(`${url}/rest/v1/`, {
        headers: { apikey: keys.publishable, authorization: `Bearer ${token}` },
      })
      await data.body.cancel()

      assert.ok([401, 403].includes(user.status), `auth: ${user.status}`)
      assert.equal(data.status, 401, 'data API')
    })
  }
  test('the real one is let in, so that the above means something', async () => {
    const { status } = await request('/user', { token: real })

    assert.equal(status, 200)
  })
})
