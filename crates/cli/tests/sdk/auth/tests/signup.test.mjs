// signUp and resend, with confirmation by mail.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { client, newAddress, newPassword, newUser, ok, refused } from '../support/clients.mjs'
import { hashOf, mailTo } from '../support/mailbox.mjs'

const signUp = (email, extra = {}) =>
  client(extra).auth.signUp({ email, password: newPassword(), options: { data: { nick: 'Zo' } } })

describe('signUp', () => {
  test('answers a user without a session, and mails a code and a link', async () => {
    const email = newAddress()

    const { user, session } = ok(await signUp(email))
    const mail = await mailTo(email, { kind: 'confirm_signup' })

    assert.equal(session, null)
    assert.deepEqual(
      [user.email, user.phone, user.role, user.aud],
      [email, '', 'authenticated', 'authenticated'],
    )
    assert.deepEqual([user.user_metadata.nick, user.is_anonymous], ['Zo', false])
    assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] })
    assert.equal(user.email_confirmed_at, undefined)
    assert.ok(user.confirmation_sent_at)
    assert.deepEqual(
      user.identities.map((it) => [it.provider, it.id, it.user_id]),
      [['email', user.id, user.id]],
    )
    assert.match(mail.code, /^\d{6}$/)
    assert.match(mail.link, /\/auth\/v1\/verify\?token=.+&type=signup/)
  })
  test('is confirmed by the code, which signs in', async () => {
    const email = newAddress()
    const app = client()
    const { user } = ok(await app.auth.signUp({ email, password: newPassword() }))
    const { code } = await mailTo(email)

    const done = ok(await app.auth.verifyOtp({ email, token: code, type: 'signup' }))

    assert.equal(done.user.id, user.id)
    assert.ok(done.user.email_confirmed_at)
    assert.equal(done.session.token_type, 'bearer')
  })
  test('is confirmed by the hash of the link', async () => {
    const email = newAddress()
    const { user } = ok(await signUp(email))
    const mail = await mailTo(email)

    const done = ok(await client().auth.verifyOtp({ token_hash: hashOf(mail), type: 'signup' }))

    assert.equal(done.user.id, user.id)
  })
  test('takes an address in any case for the same account', async () => {
    const { user, email } = await newUser()

    const again = ok(await signUp(email.toUpperCase()))

    assert.notEqual(again.user.id, user.id)
    assert.equal(again.user.identities.length, 1)
  })
  test('answers for a taken address as for a free one, with a made-up user', async () => {
    const { user, email } = await newUser()
    const free = ok(await signUp(newAddress()))

    const taken = ok(await signUp(email))

    assert.equal(taken.session, null)
    assert.notEqual(taken.user.id, user.id)
    assert.equal(taken.user.email, email)
    assert.equal(taken.user.identities.length, 1)
    assert.equal(taken.user.role, free.user.role)
    const known = ({ user: it }) => Object.keys(it).sort()
    assert.deepEqual(known(taken), known(free))
  })
  test('does not change the password of a taken address', async () => {
    const person = await newUser()

    ok(await signUp(person.email))

    ok(await client().auth.signInWithPassword(person))
  })
  test('ignores what only the server may set', async () => {
    const email = newAddress()
    const data = { role: 'service_role', app_metadata: { admin: true }, email_verified: true }

    const { user } = ok(await client().auth.signUp({ email, password: newPassword(), options: { data } }))

    assert.deepEqual([user.role, user.email_confirmed_at], ['authenticated', undefined])
    assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] })
  })
  for (const email of ['nobody', 'a@b@c.example', 'a b@app.example', 'a@app.example\r\nbcc: b@app.example']) {
    test(`refuses the address ${JSON.stringify(email)}`, async () => {
      refused(await signUp(email), 400, 'validation_failed')
    })
  }
  test('refuses a short password and says why', async () => {
    const result = await client().auth.signUp({ email: newAddress(), password: 'short' })

    const error = refused(result, 422, 'weak_password')
    assert.equal(error.name, 'AuthWeakPasswordError')
    assert.ok(error.reasons.includes('length'), error.reasons.join())
  })
  test('refuses a password that everybody knows', async () => {
    const result = await client().auth.signUp({ email: newAddress(), password: 'password123' })

    refused(result, 422, 'weak_password')
  })
})

describe('resend', () => {
  test('mails a new code, and the old one is worth nothing', async () => {
    const email = newAddress()
    ok(await signUp(email))
    const first = await mailTo(email)

    ok(await client().auth.resend({ type: 'signup', email }))
    const second = await mailTo(email, { after: first })

    const verify = (token) => client().auth.verifyOtp({ email, token, type: 'signup' })
    if (first.code !== second.code) refused(await verify(first.code), 403, 'otp_expired')
    ok(await verify(second.code))
  })
  test('answers for an unknown address as for a known one', async () => {
    const email = newAddress()

    assert.deepEqual(ok(await client().auth.resend({ type: 'signup', email })), { user: null, session: null })
  })
})
