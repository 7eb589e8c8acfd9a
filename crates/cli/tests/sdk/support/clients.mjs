// One supabase-js client for each kind of caller, and the few assertions that all files share.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createClient } from '@supabase/supabase-js'

export { ALICE, BOB } from './server.mjs'

export const url = process.env.POSTERN_URL
export const keys = JSON.parse(process.env.POSTERN_KEYS)
export const tokens = { alice: process.env.POSTERN_ALICE, bob: process.env.POSTERN_BOB }

// Node 20 has no WebSocket of its own, and these tests open none.
class NoWebSocket {}

export function client(key, token) {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: NoWebSocket },
    ...(token ? { accessToken: async () => token } : {}),
  })
}

export const anon = client(keys.publishable)
export const service = client(keys.secret)
export const alice = client(keys.publishable, tokens.alice)
export const bob = client(keys.publishable, tokens.bob)
export const guarded = {
  anon: anon.schema('guarded'),
  service: service.schema('guarded'),
  alice: alice.schema('guarded'),
  bob: bob.schema('guarded'),
}

/** The data of a result that must have succeeded. */
export function ok(result) {
  assert.equal(result.error, null, JSON.stringify(result.error))
  return result.data
}

/** The error of a result, checked against the expected status line and the given keys. */
export function refused(result, status, statusText, expected) {
  assert.notEqual(result.error, null, `expected a refusal, got ${JSON.stringify(result.data)}`)
  const { code, message, details, hint, ...others } = result.error
  const error = { code, message, details, hint }
  assert.deepEqual(others, {}, 'an error has four keys')
  const actual = Object.fromEntries(Object.keys(expected).map((key) => [key, error[key]]))
  assert.deepEqual({ ...actual, status: result.status, statusText: result.statusText }, {
    ...expected,
    status,
    statusText,
  })
  return error
}

/**
 * Runs one read on the open tables, and on the guarded ones as two users.
 *
 * Alice owns the same rows as the open tables, Bob owns them with every id raised by 100: so a
 * row that shows up for the wrong user changes the answer. `read` gets the database and the
 * function that turns an id into the caller's.
 */
export function everywhere(name, read, expected) {
  test(`${name}: open`, async () => {
    assert.deepEqual(ok(await read(anon, (id) => id)), expected)
  })
  test(`${name}: under policies`, async () => {
    const [hers, his] = await Promise.all([
      read(guarded.alice, (id) => id),
      read(guarded.bob, (id) => id + 100),
    ])
    assert.deepEqual(ok(hers), expected)
    assert.deepEqual(ok(his), raiseIds(expected))
  })
}

function raiseIds(value, key = '') {
  if (Array.isArray(value)) return value.map((item) => raiseIds(item, key))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, raiseIds(it, name)]))
  }
  return typeof value === 'number' && /(^|_)ids?$|^sequel_of$/.test(key) ? value + 100 : value
}

/** A plain request, for what supabase-js hides. */
export function request(path, { key = keys.publishable, token, headers = {}, ...init } = {}) {
  return fetch(`${url}${path}`, {
    ...init,
    headers: { apikey: key, authorization: `Bearer ${token ?? key}`, ...headers },
  })
}
