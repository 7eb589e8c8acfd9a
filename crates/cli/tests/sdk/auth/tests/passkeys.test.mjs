// Passkeys: supabase-js in Chromium, with a virtual authenticator.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { findChromium, openBrowser } from '../servers/browser.mjs'
import { runInPage } from '../support/page.mjs'
import { admin, appUrl, claimsOf, client, newUser, ok, refused } from '../support/clients.mjs'

const skip = findChromium() === null && 'no Chromium is installed'

let browser
before(async () => {
  if (!skip) browser = await openBrowser(appUrl)
})
after(() => browser?.close())

const inPage = (work, person, given) => runInPage(browser.page, work, person, given)
const register = (person) => inPage(async (app, plain) => plain(await app.auth.registerPasskey()), person)

/** Takes all keys out of the authenticator, so that only the next one can answer. */
async function forgetKeys() {
  const { cdp, authenticatorId } = browser
  await cdp.send('WebAuthn.clearCredentials', { authenticatorId })
}

async function withPasskey() {
  await forgetKeys()
  const person = await newUser()
  const passkey = ok(await register(person))
  return { ...person, passkey }
}

describe('passkeys', { skip, concurrency: 1 }, () => {
  test('registered once, sign in without a name', async () => {
    const { user, passkey } = await withPasskey()
    assert.match(passkey.id, /^[0-9a-f-]{36}$/)

    const { session } = ok(await inPage(async (app, plain) => plain(await app.auth.signInWithPasskey())))

    assert.equal(session.user.id, user.id)
    const { amr, aal } = claimsOf(session.access_token)
    assert.deepEqual(
      amr.map((it) => it.method),
      ['passkey'],
    )
    assert.ok(['aal1', 'aal2'].includes(aal), aal)
  })
  test('are listed, named and deleted by who signed in with one', async () => {
    const { passkey } = await withPasskey()

    const seen = await inPage(
      async (app, plain, { id }) => {
        await app.auth.signInWithPasskey()
        return {
          renamed: plain(await app.auth.passkey.update({ passkeyId: id, friendlyName: 'laptop' })),
          listed: plain(await app.auth.passkey.list()),
          deleted: plain(await app.auth.passkey.delete({ passkeyId: id })),
          left: plain(await app.auth.passkey.list()),
        }
      },
      null,
      { id: passkey.id },
    )

    assert.equal(ok(seen.renamed).friendly_name, 'laptop')
    assert.deepEqual(
      ok(seen.listed).map((it) => [it.id, it.friendly_name]),
      [[passkey.id, 'laptop']],
    )
    assert.equal(seen.deleted.error, null)
    assert.deepEqual(ok(seen.left), [])
  })
  test('are not deleted by who knows the password alone', async () => {
    const { passkey, ...person } = await withPasskey()
    const app = client()
    ok(await app.auth.signInWithPassword(person))

    const { error } = await app.auth.passkey.delete({ passkeyId: passkey.id })

    assert.equal(error.code, 'insufficient_aal')
    assert.deepEqual(
      ok(await app.auth.passkey.list()).map((it) => it.id),
      [passkey.id],
    )
  })
  test('one that was deleted signs nobody in', async () => {
    const { user, passkey } = await withPasskey()
    ok(await admin.passkey.deletePasskey({ userId: user.id, passkeyId: passkey.id }))

    const { error } = await inPage(async (app, plain) => plain(await app.auth.signInWithPasskey()))

    assert.match(error.code, /^webauthn_(credential_not_found|verification_failed)$/)
  })
  test('an answer works once', async () => {
    await withPasskey()

    const { first, second } = await inPage(async (app, plain) => {
      const b64 = (buffer) =>
        btoa(String.fromCharCode(...new Uint8Array(buffer)))
          .replaceAll('+', '-')
          .replaceAll('/', '_')
          .replaceAll('=', '')
      const started = await app.auth.passkey.startAuthentication()
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(started.data.options)
      const made = await navigator.credentials.get({ publicKey })
      const credential = {
        id: made.id,
        rawId: b64(made.rawId),
        type: made.type,
        clientExtensionResults: {},
        response: {
          clientDataJSON: b64(made.response.clientDataJSON),
          signature: b64(made.response.signature),
          authenticatorData: b64(made.response.authenticatorData),
          userHandle: b64(made.response.userHandle),
        },
      }
      const answer = { challengeId: started.data.challenge_id, credential }
      return {
        first: plain(await app.auth.passkey.verifyAuthentication(answer)),
        second: plain(await app.auth.passkey.verifyAuthentication(answer)),
      }
    })

    assert.ok(ok(first).session)
    assert.match(second.error.code, /^webauthn_challenge_(not_found|expired)$/)
  })
  test('a made-up challenge is refused', async () => {
    const credential = {
      id: 'AA',
      rawId: 'AA',
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: 'AA',
        authenticatorData: 'AA',
        signature: 'AA',
      },
    }

    const { error } = await client().auth.passkey.verifyAuthentication({
      challengeId: randomUUID(),
      credential,
    })

    assert.ok(error.status < 500 && error.status >= 400, `${error.status}`)
    assert.match(error.code, /^(webauthn_|validation_failed)/)
  })
  test("another person's is neither renamed nor deleted", async () => {
    const { passkey } = await withPasskey()
    const stranger = client()
    ok(await stranger.auth.signInWithPassword(await newUser()))

    refused(
      await stranger.auth.passkey.update({ passkeyId: passkey.id, friendlyName: 'mine' }),
      404,
      'webauthn_credential_not_found',
    )
    refused(
      await stranger.auth.passkey.delete({ passkeyId: passkey.id }),
      404,
      'webauthn_credential_not_found',
    )
  })
  test('admin.passkey lists and deletes them', async () => {
    const { user, passkey } = await withPasskey()
    assert.deepEqual(
      ok(await admin.passkey.listPasskeys({ userId: user.id })).map((it) => it.id),
      [passkey.id],
    )

    ok(await admin.passkey.deletePasskey({ userId: user.id, passkeyId: passkey.id }))

    assert.deepEqual(ok(await admin.passkey.listPasskeys({ userId: user.id })), [])
  })
})
