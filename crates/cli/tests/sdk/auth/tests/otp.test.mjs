// signInWithOtp and verifyOtp: codes and links by mail and by text message.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { admin, claimsOf, client, newAddress, newUser, ok, refused, request } from '../support/clients.mjs'
import { hashOf, mailTo } from '../support/mailbox.mjs'
import { TEST_CODE, testPhone } from '../support/settings.mjs'

const verify = (given) => client().auth.verifyOtp(given)
const wrongOf = (code) => (code === '000000' ? '000001' : '000000')

async function askedFor(email, options) {
  const { user, session } = ok(await client().auth.signInWithOtp({ email, options }))
  assert.deepEqual([user, session], [null, null])
  return mailTo(email)
}

describe('signInWithOtp by mail', () => {
  test('signs a known user in by the code', async () => {
    const { user, email } = await newUser()
    const { code } = await askedFor(email)

    const { session } = ok(await verify({ email, token: code, type: 'email' }))

    assert.equal(session.user.id, user.id)
    assert.deepEqual(
      claimsOf(session.access_token).amr.map((it) => it.method),
      ['otp'],
    )
  })
  test('signs a known user in by the link', async () => {
    const { user, email } = await newUser()
    const mail = await askedFor(email)

    const { session } = ok(await verify({ token_hash: hashOf(mail), type: 'email' }))

    assert.equal(session.user.id, user.id)
  })
  test('makes an unknown person a user, with the data that came along', async () => {
    const email = newAddress()
    const { code } = await askedFor(email, { data: { nick: 'Zo' } })

    const { user } = ok(await verify({ email, token: code, type: 'email' }))

    assert.deepEqual([user.email, user.user_metadata.nick], [email, 'Zo'])
    assert.ok(user.email_confirmed_at)
  })
  test('a code works once', async () => {
    const { email } = await newUser()
    const { code } = await askedFor(email)

    ok(await verify({ email, token: code, type: 'email' }))

    refused(await verify({ email, token: code, type: 'email' }), 403, 'otp_expired')
  })
  test('of a hundred parallel uses of a code exactly one wins', async () => {
    const { email } = await newUser()
    const { code } = await askedFor(email)

    const tries = Array.from({ length: 100 }, () => verify({ email, token: code, type: 'email' }))
    const won = (await Promise.all(tries)).filter((it) => it.data?.session)

    assert.equal(won.length, 1)
  })
  test('the code and the link of one mail are one token', async () => {
    const { email } = await newUser()
    const mail = await askedFor(email)

    ok(await verify({ email, token: mail.code, type: 'email' }))

    refused(await verify({ token_hash: hashOf(mail), type: 'email' }), 403, 'otp_expired')
  })
  test('a wrong code, an unknown address and an unknown hash are refused alike', async () => {
    const { email } = await newUser()
    const { code } = await askedFor(email)

    const wrong = refused(await verify({ email, token: wrongOf(code), type: 'email' }), 403, 'otp_expired')
    const stranger = await verify({ email: newAddress(), token: code, type: 'email' })
    refused(await verify({ token_hash: 'f'.repeat(56), type: 'email' }), 403, 'otp_expired')

    assert.equal(refused(stranger, 403, 'otp_expired').message, wrong.message)
  })
  test("another person's code is worth nothing", async () => {
    const [ada, bob] = [await newUser(), await newUser()]
    const [hers, his] = [await askedFor(ada.email), await askedFor(bob.email)]

    const crossed = await verify({ email: bob.email, token: hers.code, type: 'email' })

    if (hers.code !== his.code) refused(crossed, 403, 'otp_expired')
  })
  test('a token_hash goes with its type alone', async () => {
    const body = { type: 'email', token_hash: 'f'.repeat(56), email: newAddress() }

    const { status, body: answer } = await request('/verify', { body })

    assert.deepEqual([status, answer.error_code], [400, 'validation_failed'])
    assert.equal(answer.msg, 'Only the token_hash and type should be provided')
  })
})

describe('signInWithOtp by phone', () => {
  test('signs a new person in', async () => {
    const phone = testPhone(1)
    const app = client()

    ok(await app.auth.signInWithOtp({ phone: `+${phone}` }))
    const { session } = ok(await app.auth.verifyOtp({ phone: `+${phone}`, token: TEST_CODE, type: 'sms' }))

    assert.deepEqual([session.user.phone, session.user.email], [phone, ''])
    assert.ok(session.user.phone_confirmed_at)
    assert.deepEqual(session.user.app_metadata, { provider: 'phone', providers: ['phone'] })
  })
  test('a wrong code is refused', async () => {
    const phone = `+${testPhone(2)}`
    ok(await client().auth.signInWithOtp({ phone }))

    refused(await verify({ phone, token: wrongOf(TEST_CODE), type: 'sms' }), 403, 'otp_expired')
  })
  test('a code works once', async () => {
    const phone = `+${testPhone(3)}`
    ok(await client().auth.signInWithOtp({ phone }))

    ok(await verify({ phone, token: TEST_CODE, type: 'sms' }))

    refused(await verify({ phone, token: TEST_CODE, type: 'sms' }), 403, 'otp_expired')
  })
  test('a number that nobody could call is refused', async () => {
    refused(await client().auth.signInWithOtp({ phone: '+0123' }), 400, 'validation_failed')
  })
  test('resend sends a text message again', async () => {
    const phone = `+${testPhone(4)}`
    ok(await client().auth.signUp({ phone, password: 'Tr4ctor-violet-77-window' }))

    ok(await client().auth.resend({ type: 'sms', phone }))

    ok(await verify({ phone, token: TEST_CODE, type: 'sms' }))
  })
})

describe('verifyOtp', () => {
  test('accepts an invitation', async () => {
    const email = newAddress()
    const { user } = ok(await admin.inviteUserByEmail(email))
    const mail = await mailTo(email, { kind: 'invite' })

    const { session } = ok(await verify({ token_hash: hashOf(mail), type: 'invite' }))

    assert.equal(session.user.id, user.id)
  })
  test('accepts a magic link', async () => {
    const { user, email } = await newUser()
    const { properties } = ok(await admin.generateLink({ type: 'magiclink', email }))

    const { session } = ok(await verify({ token_hash: properties.hashed_token, type: 'magiclink' }))

    assert.equal(session.user.id, user.id)
  })
  test('does not take a recovery token for an invitation', async () => {
    const { email } = await newUser()
    const { properties } = ok(await admin.generateLink({ type: 'recovery', email }))

    refused(await verify({ token_hash: properties.hashed_token, type: 'invite' }), 403, 'otp_expired')
    ok(await verify({ token_hash: properties.hashed_token, type: 'recovery' }))
  })
})
