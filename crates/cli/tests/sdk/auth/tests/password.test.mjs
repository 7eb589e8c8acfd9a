// signInWithPassword, resetPasswordForEmail, reauthenticate and updateUser with a password.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  admin,
  claimsOf,
  client,
  newAddress,
  newPassword,
  newUser,
  ok,
  refused,
  signedIn,
} from '../support/clients.mjs'
import { hashOf, mailCount, mailTo } from '../support/mailbox.mjs'

const signIn = (email, password) => client().auth.signInWithPassword({ email, password })

describe('signInWithPassword', () => {
  test('answers a session', async () => {
    const { user, email, password } = await newUser()

    const { session } = ok(await signIn(email, password))

    assert.equal(session.user.id, user.id)
    assert.deepEqual([session.token_type, session.expires_in], ['bearer', 3600])
    assert.ok(Math.abs(session.expires_at - Date.now() / 1000 - 3600) < 30)
    const { sub, role, aud, aal, amr, email: claimed, is_anonymous } = claimsOf(session.access_token)
    assert.deepEqual(
      [sub, role, aud, aal, claimed],
      [user.id, 'authenticated', 'authenticated', 'aal1', email],
    )
    assert.deepEqual([amr.map((it) => it.method), is_anonymous], [['password'], false])
  })
  test('gives each sign-in a session of its own', async () => {
    const { email, password } = await newUser()

    const both = [ok(await signIn(email, password)), ok(await signIn(email, password))]

    const ids = both.map((it) => claimsOf(it.session.access_token).session_id)
    assert.notEqual(ids[0], ids[1])
  })
  test('does not tell a wrong password from an unknown address', async () => {
    const { email } = await newUser()

    const wrong = refused(await signIn(email, newPassword()), 400, 'invalid_credentials')
    const unknown = refused(await signIn(newAddress(), newPassword()), 400, 'invalid_credentials')

    assert.equal(wrong.message, 'Invalid login credentials')
    assert.equal(unknown.message, wrong.message)
  })
  test('refuses an unconfirmed address, but only to who knows the password', async () => {
    const { email, password } = await newUser({ email_confirm: false })

    refused(await signIn(email, password), 400, 'email_not_confirmed')
    refused(await signIn(email, newPassword()), 400, 'invalid_credentials')
  })
  test('refuses a banned user, but only to who knows the password', async () => {
    const { user, email, password } = await newUser()
    ok(await admin.updateUserById(user.id, { ban_duration: '24h' }))

    refused(await signIn(email, password), 400, 'user_banned')
    refused(await signIn(email, newPassword()), 400, 'invalid_credentials')
  })
  test('works with a phone number', async () => {
    const [phone, password] = ['15550001000', newPassword()]
    const { user } = ok(await admin.createUser({ phone, password, phone_confirm: true }))

    const { session } = ok(await client().auth.signInWithPassword({ phone: `+${phone}`, password }))

    assert.deepEqual([session.user.id, session.user.phone], [user.id, phone])
  })
})

describe('resetPasswordForEmail', () => {
  test('mails a link that lets its owner set a new password', async () => {
    const { user, email } = await newUser()
    const app = client()

    ok(await app.auth.resetPasswordForEmail(email))
    const mail = await mailTo(email, { kind: 'recovery' })
    const { session } = ok(await app.auth.verifyOtp({ token_hash: hashOf(mail), type: 'recovery' }))
    const password = newPassword()
    ok(await app.auth.updateUser({ password }))

    assert.equal(session.user.id, user.id)
    ok(await signIn(email, password))
  })
  test('works with the code too', async () => {
    const { email } = await newUser()
    ok(await client().auth.resetPasswordForEmail(email))
    const { code } = await mailTo(email, { kind: 'recovery' })

    ok(await client().auth.verifyOtp({ email, token: code, type: 'recovery' }))
  })
  test('answers for an unknown address as for a known one, and mails nobody', async () => {
    const email = newAddress()

    assert.deepEqual(ok(await client().auth.resetPasswordForEmail(email)), {})
    assert.equal(await mailCount(email), 0)
  })
})

describe('updateUser with a password', () => {
  test('replaces the password, ends other sessions and tells by mail', async () => {
    const person = await signedIn()
    const other = client()
    ok(await other.auth.signInWithPassword(person))
    const password = newPassword()

    ok(await person.app.auth.updateUser({ password }))

    ok(await signIn(person.email, password))
    refused(await signIn(person.email, person.password), 400, 'invalid_credentials')
    refused(await other.auth.refreshSession(), 400, 'refresh_token_not_found')
    await mailTo(person.email, { kind: 'password_changed' })
  })
  test('refuses the same password', async () => {
    const person = await signedIn()

    refused(await person.app.auth.updateUser({ password: person.password }), 422, 'same_password')
  })
  test('refuses a weak password', async () => {
    const { app } = await signedIn()

    refused(await app.auth.updateUser({ password: 'short' }), 422, 'weak_password')
  })
})

describe('reauthenticate', () => {
  test('mails a code that goes with the new password', async () => {
    const person = await signedIn()

    ok(await person.app.auth.reauthenticate())
    const { code } = await mailTo(person.email, { kind: 'reauthentication' })
    const password = newPassword()
    ok(await person.app.auth.updateUser({ password, nonce: code }))

    ok(await signIn(person.email, password))
  })
  test('needs a session', async () => {
    const result = await client().auth.reauthenticate()

    assert.equal(result.error.name, 'AuthSessionMissingError')
  })
})
