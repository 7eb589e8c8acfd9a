// How much a caller may send.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAddress, request } from '../support/clients.mjs'

test('a body of more than a megabyte is refused', async () => {
  const { status } = await request('/signup', {
    body: { email: newAddress(), password: 'x'.repeat(1_100_000) },
  })

  assert.equal(status, 413)
})
