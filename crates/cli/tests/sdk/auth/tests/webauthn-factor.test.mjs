// WebAuthn as a second factor: supabase-js in Chromium, with a key that is plugged in.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findChromium, openBrowser } from '../servers/browser.mjs'
import { appUrl, claimsOf, newUser, ok } from '../support/clients.mjs'
import { runInPage } from '../support/page.mjs'

const skip = findChromium() === null && 'no Chromium is installed'

let browser
before(async () => {
  // The client asks for a key outside of the machine when a second factor is enrolled.
  if (!skip) browser = await openBrowser(appUrl, 'usb')
})
after(() => browser?.close())

const inPage = (work, person) => runInPage(browser.page, work, person)
const enroll = (person) =>
  inPage(async (app, plain) => plain(await app.auth.mfa.webauthn.register({ friendlyName: 'key' })), person)

describe('WebAuthn as a second factor', { skip, concurrency: 1 }, () => {
  test('is enrolled, which raises the session to aal2', async () => {
    const session = ok(await enroll(await newUser()))

    const { aal, amr } = claimsOf(session.access_token)
    assert.equal(aal, 'aal2')
    assert.deepEqual(amr.map((it) => it.method).sort(), ['mfa/webauthn', 'password'])
  })
  test('raises a later sign-in to aal2', async () => {
    const person = await newUser()
    ok(await enroll(person))

    const later = await inPage(async (app, plain) => {
      const { data } = await app.auth.mfa.listFactors()
      const level = async () => (await app.auth.mfa.getAuthenticatorAssuranceLevel()).data
      const before = await level()
      const result = plain(await app.auth.mfa.webauthn.authenticate({ factorId: data.webauthn[0].id }))
      return { result, before, after: await level() }
    }, person)

    assert.deepEqual([later.before.currentLevel, later.before.nextLevel], ['aal1', 'aal2'])
    assert.equal(claimsOf(ok(later.result).access_token).aal, 'aal2')
    assert.equal(later.after.currentLevel, 'aal2')
  })
})
