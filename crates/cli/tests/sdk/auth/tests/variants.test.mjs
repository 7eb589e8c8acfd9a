// Servers with other settings: what is switched off is refused by its name, and limits hold.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newAddress, newPassword, ok, refused } from '../support/clients.mjs'
import { VARIANTS } from '../support/settings.mjs'
import { startVariant } from '../support/variant.mjs'

const person = () => ({ email: newAddress(), password: newPassword() })

/** Tests on one server of their own. */
function on(settings, name, tests) {
  describe(name, () => {
    const at = {}
    before(async () => Object.assign(at, await startVariant(settings)))
    after(() => at.stop?.())
    tests(at)
  })
}

on(VARIANTS.autoconfirm, 'without confirmation', (at) => {
  test('signUp signs in at once', async () => {
    const { session, user } = ok(await at.app().auth.signUp(person()))

    assert.ok(session.access_token)
    assert.ok(user.email_confirmed_at)
  })
  test('signUp names a taken address', async () => {
    const taken = person()
    ok(await at.app().auth.signUp(taken))

    const error = refused(
      await at.app().auth.signUp({ ...person(), email: taken.email }),
      422,
      'user_already_exists',
    )

    assert.equal(error.message, 'User already registered')
  })
  test('a change of address still asks both addresses', async () => {
    const app = at.app()
    const { email } = person()
    ok(await app.auth.signUp({ ...person(), email }))

    const { user } = ok(await app.auth.updateUser({ email: newAddress('next') }))

    assert.equal(user.email, email)
    assert.ok(user.new_email)
  })
  test('anonymous sign-in is off', async () => {
    const error = refused(await at.app().auth.signInAnonymously(), 422, 'anonymous_provider_disabled')

    assert.equal(error.message, 'Anonymous sign-ins are disabled')
  })
  test('sign-in by phone is off', async () => {
    refused(await at.app().auth.signInWithOtp({ phone: '+15550100000' }), 400, 'phone_provider_disabled')
  })
  test('linking by hand is off', async () => {
    const app = at.app()
    ok(await app.auth.signUp(person()))

    refused(
      await app.auth.linkIdentity({ provider: 'github', options: { skipBrowserRedirect: true } }),
      404,
      'manual_linking_disabled',
    )
  })
})

on(VARIANTS.closed, 'closed to strangers, and with limits', (at) => {
  test('signUp is refused', async () => {
    refused(await at.app().auth.signUp(person()), 422, 'signup_disabled')
  })
  test('signInWithOtp makes nobody a user', async () => {
    const { email } = person()

    const { error } = await at.app().auth.signInWithOtp({ email })

    assert.ok(
      error === null || error.code === 'otp_disabled' || error.code === 'signup_disabled',
      error?.code,
    )
    const { users } = ok(await at.admin.listUsers())
    assert.deepEqual(
      users.filter((it) => it.email === email),
      [],
    )
  })
  test('an admin still makes users, and they sign in', async () => {
    const given = person()
    ok(await at.admin.createUser({ ...given, email_confirm: true }))

    ok(await at.app().auth.signInWithPassword(given))
  })
  test('one address gets one mail a minute', async () => {
    const { email, password } = person()
    ok(await at.admin.createUser({ email, password, email_confirm: true }))

    ok(await at.app().auth.resetPasswordForEmail(email))
    const second = await at.app().auth.resetPasswordForEmail(email)

    // An unknown address must look the same, whichever it is.
    const unknown = newAddress()
    ok(await at.app().auth.resetPasswordForEmail(unknown))
    const other = await at.app().auth.resetPasswordForEmail(unknown)
    assert.deepEqual([second.error?.code, second.error?.status], [other.error?.code, other.error?.status])
    if (second.error) refused(second, 429, 'over_email_send_rate_limit')
  })
  test('too many tries are stopped, and told when to come back', async () => {
    const body = () => JSON.stringify({ email: newAddress(), password: 'a-wrong-password' })
    const post = () =>
      fetch(`${at.url}/auth/v1/token?grant_type=password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body(),
      })

    let answer
    for (let tries = 0; tries < 60 && answer?.status !== 429; tries += 1) answer = await post()

    assert.equal(answer.status, 429)
    assert.equal((await answer.json()).error_code, 'over_request_rate_limit')
    assert.ok(Number(answer.headers.get('retry-after')) > 0)
  })
})
