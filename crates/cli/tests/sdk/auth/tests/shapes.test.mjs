// What supabase-js hides: both shapes of errors, headers, odd bodies, CORS.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { keys, newAddress, newUser, request, signedIn } from '../support/clients.mjs'

const VERSION = '2024-01-01'
const wrong = (version) =>
  request('/token?grant_type=password', {
    body: { email: newAddress(), password: 'a-wrong-password' },
    version,
  })

describe('errors', () => {
  test('have a code and a message for clients of the new version', async () => {
    const { status, headers, body } = await wrong(VERSION)

    assert.equal(status, 400)
    assert.deepEqual(body, { code: 'invalid_credentials', message: 'Invalid login credentials' })
    assert.equal(headers.get('x-supabase-api-version'), VERSION)
    assert.equal(headers.get('x-sb-error-code'), 'invalid_credentials')
  })
  test('have the status, a code and a msg for all others', async () => {
    const { status, headers, body } = await wrong()

    assert.equal(status, 400)
    const { error_id, ...others } = body
    assert.deepEqual(others, {
      code: 400,
      error_code: 'invalid_credentials',
      msg: 'Invalid login credentials',
    })
    assert.equal(headers.get('x-sb-error-code'), 'invalid_credentials')
  })
  test('an older version is not the new one', async () => {
    assert.equal((await wrong('2023-12-31')).body.error_code, 'invalid_credentials')
    assert.equal((await wrong('nonsense')).body.error_code, 'invalid_credentials')
  })
  for (const version of [VERSION, undefined]) {
    test(`a weak password says why (version ${version})`, async () => {
      const { status, body } = await request('/signup', {
        body: { email: newAddress(), password: 'short' },
        version,
      })

      assert.equal(status, 422)
      assert.equal(version ? body.code : body.error_code, 'weak_password')
      assert.ok(body.weak_password.reasons.includes('length'))
    })
  }
  const refusals = [
    ['no bearer', '/user', { headers: { authorization: '' } }, 401, 'no_authorization'],
    ['a key as bearer', '/user', {}, 401, 'no_authorization'],
    ['nonsense as bearer', '/user', { token: 'nonsense' }, 403, 'bad_jwt'],
    ['no JSON', '/signup', { body: '{"email":' }, 400, 'bad_json'],
    ['a list in place of an object', '/signup', { body: '[]' }, 400, 'bad_json'],
    ['an unknown grant', '/token?grant_type=magic', { body: {} }, 400, 'invalid_credentials'],
  ]
  for (const [name, path, options, status, code] of refusals) {
    test(`${name}: ${status} ${code}`, async () => {
      const answer = await request(path, options)

      assert.deepEqual([answer.status, answer.body.error_code], [status, code], JSON.stringify(answer.body))
    })
  }
  test('an unknown address below /auth/v1 is not found, in JSON', async () => {
    const { status, headers } = await request('/nothing-here')

    assert.equal(status, 404)
    assert.match(headers.get('content-type'), /^application\/json/)
  })
})

describe('values of the wrong kind', () => {
  const fields = {
    '/signup': ['email', 'password', 'phone', 'code_challenge'],
    '/token?grant_type=password': ['email', 'password', 'phone'],
    '/token?grant_type=refresh_token': ['refresh_token'],
    '/token?grant_type=pkce': ['auth_code', 'code_verifier'],
    '/token?grant_type=id_token': ['id_token', 'provider', 'nonce'],
    '/otp': ['email', 'phone', 'code_challenge'],
    '/verify': ['token', 'token_hash', 'type', 'email'],
    '/recover': ['email'],
    '/resend': ['email', 'type'],
  }
  const values = [null, 7, true, ['a'], { a: 1 }, '', '\u0000', 'x'.repeat(70_000), '\ud800', '\u202e']
  for (const [path, names] of Object.entries(fields)) {
    test(`${path} refuses them and stays up`, async () => {
      const whole = {
        email: newAddress(),
        password: 'Tr4ctor-violet-window',
        token: '123456',
        type: 'email',
        refresh_token: 'x',
        auth_code: 'x',
        code_verifier: 'x',
        id_token: 'x',
        provider: 'x',
      }
      for (const name of names) {
        for (const value of values) {
          const { status } = await request(path, { body: { ...whole, [name]: value } })
          assert.ok(status < 500, `${name}=${JSON.stringify(value).slice(0, 20)}: ${status}`)
        }
      }
    })
  }
})

describe('answers', () => {
  test('are not kept by anybody', async () => {
    const { email, password } = await newUser()

    const { headers } = await request('/token?grant_type=password', { body: { email, password } })

    assert.match(headers.get('cache-control'), /no-store/)
  })
  test('of /user are the bare user', async () => {
    const { session, user } = await signedIn()

    const { body } = await request('/user', { token: session.access_token })

    assert.deepEqual([body.id, body.phone, body.is_anonymous], [user.id, '', false])
    for (const secret of ['encrypted_password', 'confirmation_token', 'recovery_token', 'password']) {
      assert.ok(!(secret in body), secret)
    }
  })
  test('of /settings name what is switched on', async () => {
    const { status, body } = await request('/settings')

    assert.equal(status, 200)
    assert.deepEqual(
      [body.disable_signup, body.mailer_autoconfirm, body.external.email],
      [false, false, true],
    )
    assert.equal(body.external.anonymous_users, true)
    assert.doesNotMatch(JSON.stringify(body), /secret/i)
  })
  test('of /health tell no version', async () => {
    const { status, body } = await request('/health')

    assert.equal(status, 200)
    assert.ok(body.name && body.description)
    assert.doesNotMatch(JSON.stringify(body), /\d+\.\d+\.\d+/)
  })
  test('of the discovery name the published keys', async () => {
    const { status, body } = await request('/.well-known/openid-configuration')

    assert.equal(status, 200)
    assert.ok(body.jwks_uri.endsWith('/auth/v1/.well-known/jwks.json'), body.jwks_uri)
  })
  test('let a page of any origin read them', async () => {
    const { status, headers } = await request('/token?grant_type=password', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers':
          'authorization,apikey,content-type,x-client-info,x-supabase-api-version',
      },
    })

    assert.ok(status === 200 || status === 204, `${status}`)
    assert.match(headers.get('access-control-allow-origin'), /^(\*|https:\/\/app\.example)$/)
    assert.match(headers.get('access-control-allow-headers').toLowerCase(), /x-supabase-api-version|\*/)
  })
  test('need no key to be asked, as of old', async () => {
    const { email, password } = await newUser()
    const response = await fetch(`${process.env.POSTERN_URL}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })

    assert.equal(response.status, 200)
    assert.ok(keys.publishable)
  })
})

describe('existing and unknown addresses', () => {
  const calls = {
    '/recover': (email) => ({ email }),
    '/otp': (email) => ({ email, create_user: true }),
    '/resend': (email) => ({ email, type: 'signup' }),
    '/token?grant_type=password': (email) => ({ email, password: 'a-wrong-password' }),
  }
  for (const [path, bodyOf] of Object.entries(calls)) {
    test(`${path} answers alike`, async () => {
      const { email } = await newUser()

      const [known, unknown] = [
        await request(path, { body: bodyOf(email) }),
        await request(path, { body: bodyOf(newAddress()) }),
      ]

      assert.deepEqual([known.status, known.body], [unknown.status, unknown.body])
      const names = ({ headers }) =>
        [...headers.keys()].filter((it) => it !== 'date' && it !== 'content-length').sort()
      assert.deepEqual(names(known), names(unknown))
    })
  }
})
