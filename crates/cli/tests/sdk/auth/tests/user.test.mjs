// updateUser with data, an address or a number.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { client, newAddress, newUser, ok, refused, request, signedIn } from '../support/clients.mjs'
import { hashOf, mailCount, mailTo } from '../support/mailbox.mjs'
import { TEST_CODE, testPhone } from '../support/settings.mjs'

const verify = (given) => client().auth.verifyOtp(given)

describe('updateUser with data', () => {
  test('merges the data of the user', async () => {
    const { app } = await signedIn({ user_metadata: { nick: 'Zo', colour: 'red' } })

    const { user } = ok(await app.auth.updateUser({ data: { colour: 'blue', size: 3 } }))

    assert.deepEqual(user.user_metadata, { nick: 'Zo', colour: 'blue', size: 3 })
    assert.deepEqual(ok(await app.auth.getUser()).user.user_metadata, user.user_metadata)
  })
  test('cannot set what only an admin may', async () => {
    const { session, user } = await signedIn()

    const { status, body } = await request('/user', {
      method: 'PUT',
      token: session.access_token,
      body: { app_metadata: { admin: true } },
    })
    await request('/user', {
      method: 'PUT',
      token: session.access_token,
      body: {
        role: 'service_role',
        email_confirmed_at: null,
        banned_until: null,
        created_at: '2001-01-01',
        data: {},
      },
    })

    assert.deepEqual([status, body.error_code], [403, 'not_admin'])
    const { body: seen } = await request('/user', { token: session.access_token })
    assert.deepEqual(
      [seen.role, seen.app_metadata, seen.created_at],
      ['authenticated', user.app_metadata, user.created_at],
    )
  })
  test('needs a session', async () => {
    const { error } = await client().auth.updateUser({ data: {} })

    assert.equal(error.name, 'AuthSessionMissingError')
  })
})

describe('updateUser with an address', () => {
  async function changing() {
    const person = await signedIn()
    const next = newAddress('next')
    const { user } = ok(await person.app.auth.updateUser({ email: next }))
    const old = await mailTo(person.email, { kind: 'email_change_current' })
    const fresh = await mailTo(next, { kind: 'email_change_new' })
    return { ...person, next, changed: user, old, fresh }
  }
  const emailOf = async (app) => ok(await app.auth.getUser()).user.email

  test('changes nothing before both addresses agreed', async () => {
    const { app, email, next, changed, old, fresh } = await changing()
    assert.deepEqual([changed.email, changed.new_email], [email, next])

    const first = await request('/verify', { body: { type: 'email_change', token_hash: hashOf(fresh) } })
    assert.equal(first.status, 200)
    assert.match(first.body.msg, /Confirmation link accepted/)
    assert.equal(await emailOf(app), email)

    const { user } = ok(await verify({ token_hash: hashOf(old), type: 'email_change' }))
    assert.equal(user.email, next)
    await mailTo(email, { kind: 'email_changed' })
  })
  test('works with the codes', async () => {
    const { email, next, old, fresh, password } = await changing()

    ok(await verify({ email, token: old.code, type: 'email_change' }))
    ok(await verify({ email: next, token: fresh.code, type: 'email_change' }))

    ok(await client().auth.signInWithPassword({ email: next, password }))
  })
  test('one address cannot agree twice', async () => {
    const { app, email, fresh } = await changing()

    await verify({ token_hash: hashOf(fresh), type: 'email_change' })
    await verify({ token_hash: hashOf(fresh), type: 'email_change' })

    assert.equal(await emailOf(app), email)
  })
  test('resend mails once more', async () => {
    const { email, next, fresh } = await changing()

    ok(await client().auth.resend({ type: 'email_change', email }))

    assert.notEqual((await mailTo(next, { kind: 'email_change_new', after: fresh })).id, fresh.id)
  })
  test('a taken address is answered like a free one, and its owner hears nothing', async () => {
    const [{ app, email }, other] = [await signedIn(), await newUser()]

    const { user } = ok(await app.auth.updateUser({ email: other.email }))
    await mailTo(email, { kind: 'email_change_current' })

    assert.deepEqual([user.email, user.new_email], [email, other.email])
    assert.equal(await mailCount(other.email), 0)
  })
  test('a word that is no address is refused', async () => {
    const { app } = await signedIn()

    refused(await app.auth.updateUser({ email: 'nobody' }), 400, 'validation_failed')
  })
  test('the present address changes nothing', async () => {
    const { app, email } = await signedIn()
    const before = await mailCount(email)

    const { user } = ok(await app.auth.updateUser({ email }))

    assert.equal(user.new_email, undefined)
    assert.equal(await mailCount(email), before)
  })
})

describe('updateUser with a number', () => {
  test('changes it once the code came back', async () => {
    const { app } = await signedIn()
    const phone = testPhone(20)

    const { user } = ok(await app.auth.updateUser({ phone: `+${phone}` }))
    const changed = ok(
      await app.auth.verifyOtp({ phone: `+${phone}`, token: TEST_CODE, type: 'phone_change' }),
    )

    assert.deepEqual([user.phone, user.new_phone], ['', phone])
    assert.equal(changed.user.phone, phone)
  })
  test('resend sends once more', async () => {
    const { app } = await signedIn()
    const phone = `+${testPhone(21)}`
    ok(await app.auth.updateUser({ phone }))

    ok(await app.auth.resend({ type: 'phone_change', phone }))

    ok(await app.auth.verifyOtp({ phone, token: TEST_CODE, type: 'phone_change' }))
  })
})
