// mfa.recoveryCodes.*: what stands in for a lost second factor.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { claimsOf, client, ok, refused, signedIn } from '../support/clients.mjs'
import { withAuthenticatorApp } from '../support/factors.mjs'

/** A person at aal2 with recovery codes, and the same person somewhere else at aal1. */
async function withCodes() {
  const person = await withAuthenticatorApp()
  const made = ok(await person.app.auth.mfa.recoveryCodes.generate({ friendlyName: 'Backup' }))
  return { ...person, made, codes: made.codes, elsewhere: await elsewhere(person) }
}

async function elsewhere({ email, password }) {
  const app = client()
  ok(await app.auth.signInWithPassword({ email, password }))
  return app
}

const codesOf = (app) => app.auth.mfa.recoveryCodes

describe('mfa.recoveryCodes.generate', () => {
  test('answers a set of codes once, and lists them as a factor', async () => {
    const { app, made, codes } = await withCodes()

    assert.deepEqual([made.type, made.friendly_name, made.total], ['recovery_code', 'Backup', codes.length])
    assert.equal(new Set(codes).size, codes.length)
    for (const code of codes) assert.match(code, /^[0-9a-z]{16}$/)
    const { all } = ok(await app.auth.mfa.listFactors())
    assert.deepEqual(
      all.filter((it) => it.factor_type === 'recovery_code').map((it) => it.id),
      [made.id],
    )
    refused(await codesOf(app).generate(), 422, 'mfa_verified_factor_exists')
  })
  test('needs aal2', async () => {
    const person = await withAuthenticatorApp()

    const { error } = await codesOf(await elsewhere(person)).generate()

    assert.equal(error.code, 'insufficient_aal')
  })
  test('is never the only factor', async () => {
    const { app } = await signedIn()

    const { error } = await codesOf(app).generate()

    assert.match(error.code, /^(mfa_recovery_codes_sole_factor|insufficient_aal)$/)
  })
})

describe('mfa.recoveryCodes.verify', () => {
  test('raises the session to aal2', async () => {
    const { codes, elsewhere: app } = await withCodes()
    const typed = codes[0].toUpperCase().replace(/(.{4})(?=.)/g, '$1-')

    const session = ok(await codesOf(app).verify({ code: typed }))

    const { aal, amr } = claimsOf(session.access_token)
    assert.equal(aal, 'aal2')
    assert.ok(
      amr.some((it) => it.method === 'mfa/recovery_code'),
      JSON.stringify(amr),
    )
    assert.equal(ok(await codesOf(app).getStatus()).remaining, codes.length - 1)
  })
  test('takes each code once', async () => {
    const { codes, elsewhere: app, ...person } = await withCodes()
    ok(await codesOf(app).verify({ code: codes[0] }))

    const again = await codesOf(await elsewhere(person)).verify({ code: codes[0] })

    refused(again, 422, 'mfa_verification_failed')
  })
  test('of twenty parallel uses of a code exactly one wins', async () => {
    const { codes, ...person } = await withCodes()
    const apps = await Promise.all(Array.from({ length: 5 }, () => elsewhere(person)))

    const tries = apps.flatMap((app) =>
      Array.from({ length: 4 }, () => codesOf(app).verify({ code: codes[0] })),
    )
    const won = (await Promise.all(tries)).filter((it) => it.error === null)

    assert.equal(won.length, 1)
  })
  test('refuses a wrong code', async () => {
    const { elsewhere: app } = await withCodes()

    refused(await codesOf(app).verify({ code: '0000000000000000' }), 422, 'mfa_verification_failed')
  })
})

describe('mfa.recoveryCodes.regenerate, getStatus and unenroll', () => {
  test('a new set ends the old one', async () => {
    const { app, made, codes, elsewhere: other } = await withCodes()

    const fresh = ok(await codesOf(app).regenerate())

    assert.deepEqual([fresh.id, fresh.friendly_name], [made.id, 'Backup'])
    refused(await codesOf(other).verify({ code: codes[1] }), 422, 'mfa_verification_failed')
    ok(await codesOf(other).verify({ code: fresh.codes[1] }))
  })
  test('the status never shows a code', async () => {
    const { app, made, codes } = await withCodes()

    const status = ok(await codesOf(app).getStatus())

    assert.deepEqual(status, {
      id: made.id,
      type: 'recovery_code',
      total: codes.length,
      remaining: codes.length,
    })
  })
  test('taken away, they are gone', async () => {
    const { app, made } = await withCodes()

    assert.equal(ok(await codesOf(app).unenroll()).id, made.id)

    refused(await codesOf(app).getStatus(), 404, 'mfa_factor_not_found')
  })
})
