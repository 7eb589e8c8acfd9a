// The counterparts alone, so that a failure of a sign-in is known to be ours and not theirs.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import test from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { findChromium, openBrowser, startAppPage } from '../servers/browser.mjs'
import { HOSTILE_CLIENT, TRICKS, startHostileIdp } from '../servers/hostile-idp.mjs'
import { CLIENT_ID, CLIENT_SECRET, startOidcProvider } from '../servers/oidc-provider.mjs'
import { Visitor, landing } from '../support/visitor.mjs'

const CALLBACK = 'http://127.0.0.1:9/auth/v1/callback'

/** Walks the code flow against `issuer` as the server under test will. */
async function codeFlow(issuer, visitor, client) {
  const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
  const verifier = randomBytes(32).toString('base64url')
  const start = new URL(discovery.authorization_endpoint)
  start.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: CALLBACK,
    scope: 'openid email profile',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  })
  const { url } = await visitor.follow(start, CALLBACK)
  const { query } = landing(url)
  if (query.error) return { query }
  const answer = await fetch(discovery.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: query.code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    }),
  })
  const tokens = await answer.json()
  assert.equal(answer.status, 200, JSON.stringify(tokens))
  const verified = await jwtVerify(tokens.id_token, createRemoteJWKSet(new URL(discovery.jwks_uri)), {
    issuer,
    audience: client.id,
  })
  return { query, claims: verified.payload }
}

test('the provider serves the accounts that it was told of', async (t) => {
  const provider = await startOidcProvider(CALLBACK)
  t.after(provider.stop)
  const account = { sub: 'ada', email: 'ada@idp.example', email_verified: true, name: 'Ada' }
  const tell = (it) =>
    fetch(`${provider.issuer}/control/accounts`, { method: 'POST', body: JSON.stringify(it) })
  await tell(account)
  const visitor = new Visitor()
  visitor.setCookie(provider.issuer, 'account', 'ada')

  const client = { id: CLIENT_ID, secret: CLIENT_SECRET }
  const first = await codeFlow(provider.issuer, visitor, client)
  await tell({ ...account, email: 'lovelace@idp.example', email_verified: false })
  const second = await codeFlow(provider.issuer, visitor, client)
  const stranger = await codeFlow(provider.issuer, new Visitor(), client)

  assert.deepEqual([first.query.iss, first.query.state], [provider.issuer, 'state-1'])
  const seen = ({ sub, nonce, email, email_verified }) => [sub, nonce, email, email_verified]
  assert.deepEqual(seen(first.claims), ['ada', 'nonce-1', 'ada@idp.example', true])
  assert.deepEqual(seen(second.claims), ['ada', 'nonce-1', 'lovelace@idp.example', false])
  assert.equal(stranger.query.error, 'access_denied')
})

test('the hostile provider is honest where it says so, and lies everywhere else', async (t) => {
  const hostile = await startHostileIdp()
  t.after(hostile.stop)
  const client = { id: HOSTILE_CLIENT, secret: 'any' }

  const { claims } = await codeFlow(`${hostile.origin}/honest`, new Visitor(), client)
  const minted = await Promise.all(
    TRICKS.map(async (trick) => {
      const { id_token } = await (await fetch(`${hostile.origin}/${trick}/mint?nonce=n`)).json()
      return id_token
    }),
  )

  assert.deepEqual([claims.email_verified, claims.nonce], [true, 'nonce-1'])
  assert.equal(new Set(minted).size, TRICKS.length)
  for (const token of minted) assert.equal(token.split('.').length, 3)
})

test(
  'the browser has an authenticator that registers and answers',
  {
    skip: findChromium() === null && 'no Chromium is installed',
  },
  async (t) => {
    const app = await startAppPage()
    t.after(app.stop)
    const browser = await openBrowser(app.origin)
    t.after(browser.close)

    const seen = await browser.page.evaluate(async () => {
      const challenge = crypto.getRandomValues(new Uint8Array(32))
      const user = { id: new Uint8Array(16), name: 'ada', displayName: 'Ada' }
      const made = await navigator.credentials.create({
        publicKey: {
          challenge,
          user,
          rp: { id: 'localhost', name: 'app' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        },
      })
      const asked = await navigator.credentials.get({ publicKey: { challenge, rpId: 'localhost' } })
      return { same: made.id === asked.id, client: typeof supabase.createClient }
    })

    assert.deepEqual(seen, { same: true, client: 'function' })
  },
)
