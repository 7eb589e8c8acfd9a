// mfa.*: authenticator apps, text messages, and what they change in the session.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { claimsOf, client, ok, refused, signedIn } from '../support/clients.mjs'
import { codeOf, enroll, withAuthenticatorApp } from '../support/factors.mjs'
import { TEST_CODE, testPhone } from '../support/settings.mjs'

const levels = async (app) => {
  const { currentLevel, nextLevel } = ok(await app.auth.mfa.getAuthenticatorAssuranceLevel())
  return [currentLevel, nextLevel]
}

describe('mfa.enroll', () => {
  test('hands out a secret as text, address and picture', async () => {
    const { app, email } = await signedIn()

    const { id, type, friendly_name, totp } = await enroll(app, { friendlyName: 'phone', issuer: 'App' })

    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.deepEqual([type, friendly_name], ['totp', 'phone'])
    assert.ok(totp.qr_code.startsWith('data:image/svg+xml;utf-8,<'), totp.qr_code.slice(0, 60))
    const uri = new URL(totp.uri)
    assert.deepEqual(
      [uri.protocol, uri.host, uri.searchParams.get('secret')],
      ['otpauth:', 'totp', totp.secret],
    )
    assert.equal(uri.searchParams.get('issuer'), 'App')
    assert.ok(decodeURIComponent(uri.pathname).includes(email), uri.pathname)
  })
  test('refuses a name that is taken', async () => {
    const { app } = await signedIn()
    await enroll(app, { friendlyName: 'phone' })

    refused(
      await app.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' }),
      422,
      'mfa_factor_name_conflict',
    )
  })
  test('needs aal2 once a factor is verified', async () => {
    const person = await withAuthenticatorApp()
    const other = client()
    ok(await other.auth.signInWithPassword(person))

    const { error } = await other.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'second' })

    assert.equal(error.code, 'insufficient_aal')
  })
})

describe('mfa.challenge and mfa.verify', () => {
  test('raise the session to aal2', async () => {
    const { app, session } = await signedIn()
    const { id, totp } = await enroll(app)
    const challenge = ok(await app.auth.mfa.challenge({ factorId: id }))
    assert.equal(challenge.type, 'totp')
    assert.ok(challenge.expires_at > Date.now() / 1000)

    const raised = ok(
      await app.auth.mfa.verify({ factorId: id, challengeId: challenge.id, code: codeOf(totp.secret) }),
    )

    const claims = claimsOf(raised.access_token)
    assert.equal(claims.aal, 'aal2')
    assert.deepEqual(claims.amr.map((it) => it.method).sort(), ['password', 'totp'])
    assert.equal(claims.sub, claimsOf(session.access_token).sub)
    assert.equal(claimsOf(ok(await app.auth.refreshSession()).session.access_token).aal, 'aal2')
  })
  test('end the other sessions that lack the factor', async () => {
    const person = await signedIn()
    const other = client()
    ok(await other.auth.signInWithPassword(person))
    const { id, totp } = await enroll(person.app)

    ok(await person.app.auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(totp.secret) }))

    assert.notEqual((await other.auth.refreshSession()).error, null)
  })
  test('refuse a wrong code', async () => {
    const { app } = await signedIn()
    const { id, totp } = await enroll(app)
    const wrong = String((Number(codeOf(totp.secret)) + 500_000) % 1_000_000).padStart(6, '0')

    refused(
      await app.auth.mfa.challengeAndVerify({ factorId: id, code: wrong }),
      422,
      'mfa_verification_failed',
    )
  })
  test('refuse a code that was used', async () => {
    const { app, factorId, secret, email, password } = await withAuthenticatorApp()
    const other = client()
    ok(await other.auth.signInWithPassword({ email, password }))

    for (const person of [app, other]) {
      const result = await person.auth.mfa.challengeAndVerify({ factorId, code: codeOf(secret) })
      // The clock may have moved to the next step since; its code is new, and used up by this try.
      if (result.error) refused(result, 422, 'mfa_verification_failed')
    }
    refused(
      await other.auth.mfa.challengeAndVerify({ factorId, code: codeOf(secret) }),
      422,
      'mfa_verification_failed',
    )
  })
  test('refuse a code of long ago', async () => {
    const { app } = await signedIn()
    const { id, totp } = await enroll(app)

    const result = await app.auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(totp.secret, -10) })

    refused(result, 422, 'mfa_verification_failed')
  })
  test('refuse an unknown factor', async () => {
    const { app } = await signedIn()

    refused(await app.auth.mfa.challenge({ factorId: randomUUID() }), 404, 'mfa_factor_not_found')
  })
  test("refuse another person's factor", async () => {
    const [ada, bob] = [await signedIn(), await signedIn()]
    const { id } = await enroll(ada.app)

    refused(await bob.app.auth.mfa.challenge({ factorId: id }), 404, 'mfa_factor_not_found')
    refused(await bob.app.auth.mfa.unenroll({ factorId: id }), 404, 'mfa_factor_not_found')
  })
})

describe('mfa.unenroll', () => {
  test('takes a factor away', async () => {
    const { app, factorId } = await withAuthenticatorApp()

    assert.deepEqual(ok(await app.auth.mfa.unenroll({ factorId })), { id: factorId })

    assert.deepEqual(ok(await app.auth.mfa.listFactors()).all, [])
  })
  test('needs aal2 for a verified factor', async () => {
    const { factorId, ...person } = await withAuthenticatorApp()
    const other = client()
    ok(await other.auth.signInWithPassword(person))

    refused(await other.auth.mfa.unenroll({ factorId }), 422, 'insufficient_aal')
  })
})

describe('mfa.listFactors and getAuthenticatorAssuranceLevel', () => {
  test('tell what there is and what is needed', async () => {
    const person = await signedIn()
    assert.deepEqual(await levels(person.app), ['aal1', 'aal1'])
    const { id, totp } = await enroll(person.app, { friendlyName: 'phone' })
    const listed = ok(await person.app.auth.mfa.listFactors())
    assert.deepEqual([listed.all.map((it) => [it.id, it.status]), listed.totp], [[[id, 'unverified']], []])

    ok(await person.app.auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(totp.secret) }))

    const after = ok(await person.app.auth.mfa.listFactors())
    assert.deepEqual(
      after.totp.map((it) => [it.id, it.friendly_name, it.factor_type]),
      [[id, 'phone', 'totp']],
    )
    assert.deepEqual(await levels(person.app), ['aal2', 'aal2'])
    const other = client()
    ok(await other.auth.signInWithPassword(person))
    assert.deepEqual(await levels(other), ['aal1', 'aal2'])
  })
})

describe('a phone as second factor', () => {
  test('raises the session to aal2', async () => {
    const { app } = await signedIn()
    const phone = testPhone(30)
    const factor = ok(
      await app.auth.mfa.enroll({ factorType: 'phone', friendlyName: 'phone', phone: `+${phone}` }),
    )
    assert.deepEqual([factor.type, factor.phone.replace('+', '')], ['phone', phone])

    const challenge = ok(await app.auth.mfa.challenge({ factorId: factor.id, channel: 'sms' }))
    const raised = ok(
      await app.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: TEST_CODE }),
    )

    const { aal, amr } = claimsOf(raised.access_token)
    assert.equal(aal, 'aal2')
    assert.ok(
      amr.some((it) => it.method === 'mfa/phone'),
      JSON.stringify(amr),
    )
  })
})
