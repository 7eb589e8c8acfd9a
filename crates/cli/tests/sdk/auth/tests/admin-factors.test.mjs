// auth.admin.mfa: the factors of others.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { admin, newUser, ok, signedIn } from '../support/clients.mjs'
import { enroll, withAuthenticatorApp } from '../support/factors.mjs'

describe('admin.mfa', () => {
  test('lists and deletes factors', async () => {
    const { user, factorId } = await withAuthenticatorApp()
    assert.deepEqual(
      ok(await admin.mfa.listFactors({ userId: user.id })).factors.map((it) => it.id),
      [factorId],
    )

    ok(await admin.mfa.deleteFactor({ userId: user.id, id: factorId }))

    assert.deepEqual(ok(await admin.mfa.listFactors({ userId: user.id })).factors, [])
  })
  test("does not delete a factor through another user's address", async () => {
    const [ada, bob] = [await signedIn(), await newUser()]
    const { id } = await enroll(ada.app)

    const { error } = await admin.mfa.deleteFactor({ userId: bob.user.id, id })

    assert.equal(error.code, 'mfa_factor_not_found')
  })
})
