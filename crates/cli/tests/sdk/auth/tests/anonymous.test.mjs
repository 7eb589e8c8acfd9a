// signInAnonymously, and becoming somebody.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { claimsOf, client, newAddress, newPassword, ok, refused } from '../support/clients.mjs'
import { hashOf, mailTo } from '../support/mailbox.mjs'

describe('signInAnonymously', () => {
  test('signs in without an address', async () => {
    const { user, session } = ok(await client().auth.signInAnonymously({ options: { data: { nick: 'Zo' } } }))

    assert.deepEqual([user.is_anonymous, user.email, user.user_metadata], [true, '', { nick: 'Zo' }])
    assert.deepEqual(user.identities, [])
    const claims = claimsOf(session.access_token)
    assert.deepEqual(
      [claims.is_anonymous, claims.role, claims.amr[0].method],
      [true, 'authenticated', 'anonymous'],
    )
  })
  test('each is another user', async () => {
    const both = [ok(await client().auth.signInAnonymously()), ok(await client().auth.signInAnonymously())]

    assert.notEqual(both[0].user.id, both[1].user.id)
  })
  test('becomes a permanent user by confirming an address', async () => {
    const app = client()
    const { user } = ok(await app.auth.signInAnonymously())
    const [email, password] = [newAddress(), newPassword()]

    ok(await app.auth.updateUser({ email }))
    const mail = await mailTo(email)
    ok(await app.auth.verifyOtp({ token_hash: hashOf(mail), type: 'email_change' }))
    ok(await app.auth.refreshSession())
    ok(await app.auth.updateUser({ password }))

    const { user: same } = ok(await client().auth.signInWithPassword({ email, password }))
    assert.deepEqual([same.id, same.is_anonymous], [user.id, false])
    assert.deepEqual(
      same.identities.map((it) => it.provider),
      ['email'],
    )
  })
  test('may not enroll a second factor', async () => {
    const app = client()
    ok(await app.auth.signInAnonymously())

    refused(await app.auth.mfa.enroll({ factorType: 'totp' }), 403, 'no_authorization')
  })
  test('may not register a passkey', async () => {
    const app = client()
    ok(await app.auth.signInAnonymously())

    refused(await app.auth.passkey.startRegistration(), 403, 'no_authorization')
  })
})
