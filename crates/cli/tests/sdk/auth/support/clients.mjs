// A supabase-js client for each person of a test, and the few assertions that all files share.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'

export const url = process.env.POSTERN_URL
export const auth = `${url}/auth/v1`
export const keys = JSON.parse(process.env.POSTERN_KEYS)
export const appUrl = process.env.POSTERN_TEST_APP
export const oidcUrl = process.env.POSTERN_TEST_OIDC
export const hostileUrl = process.env.POSTERN_TEST_HOSTILE

// Node 20 has no WebSocket of its own, and these tests open none.
class NoWebSocket {}

/** A new client with a storage of its own: one person on one device. */
export function client({
  key = keys.publishable,
  flowType = 'implicit',
  fetch,
  at = url,
  experimental = {},
} = {}) {
  return createClient(at, key, {
    auth: {
      persistSession: false,
      autoRefreshToken: false,
      detectSessionInUrl: false,
      flowType,
      experimental: { recoveryCodes: true, ...experimental },
    },
    realtime: { transport: NoWebSocket },
    ...(fetch ? { global: { fetch } } : {}),
  })
}

/** The caller with the secret key; it never signs anybody in. */
export const service = client({ key: keys.secret })
export const admin = service.auth.admin

export const newAddress = (name = 'user') => `${name}-${randomBytes(6).toString('hex')}@app.example`
export const newPassword = () => `Tr4ctor-violet-${randomBytes(6).toString('hex')}`

/** A confirmed user, made by the admin. */
export async function newUser(attributes = {}) {
  const [email, password] = [newAddress(), newPassword()]
  const given = { email, password, email_confirm: true, ...attributes }
  const { user } = ok(await admin.createUser(given))
  return { user, email: given.email, password: given.password }
}

/** A confirmed user and a client that is signed in as them. */
export async function signedIn(attributes = {}, options = {}) {
  const person = await newUser(attributes)
  const app = client(options)
  const { session } = ok(await app.auth.signInWithPassword(person))
  return { ...person, app, session }
}

/** The data of a result that must have succeeded. */
export function ok(result) {
  assert.equal(result.error, null, describe(result.error))
  return result.data
}

/** The error of a result, which must be the documented one. */
export function refused(result, status, code) {
  assert.notEqual(result.error, null, `expected ${code}, got ${JSON.stringify(result.data)}`)
  assert.deepEqual([result.error.status, result.error.code], [status, code], describe(result.error))
  return result.error
}

const describe = (error) => error && `${error.name} ${error.status} ${error.code}: ${error.message}`

/** A plain request, for what supabase-js hides; answers the status, the headers and the body. */
export async function request(path, { method, body, token, key = keys.publishable, version, headers } = {}) {
  const response = await fetch(`${auth}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      apikey: key,
      authorization: `Bearer ${token ?? key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      ...(version ? { 'x-supabase-api-version': version } : {}),
      ...headers,
    },
    body: typeof body === 'object' ? JSON.stringify(body) : body,
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

export const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms))

/** The claims of a token, unverified. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
}
