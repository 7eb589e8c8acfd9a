// admin.generateLink with every type, and the links themselves: looking at one uses nothing up.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  admin,
  appUrl,
  auth,
  client,
  newAddress,
  newPassword,
  newUser,
  ok,
  refused,
} from '../support/clients.mjs'
import { confirm, open } from '../support/links.mjs'
import { mailCount, mailTo } from '../support/mailbox.mjs'
import { landing } from '../support/visitor.mjs'

const link = async (params) => ok(await admin.generateLink(params))

describe('admin.generateLink', () => {
  const cases = [
    ['signup', async () => ({ email: newAddress(), password: newPassword() })],
    ['invite', async () => ({ email: newAddress() })],
    ['magiclink', async () => ({ email: (await newUser()).email })],
    ['recovery', async () => ({ email: (await newUser()).email })],
    ['email_change_current', async () => ({ email: (await newUser()).email, newEmail: newAddress('next') })],
    ['email_change_new', async () => ({ email: (await newUser()).email, newEmail: newAddress('next') })],
  ]
  for (const [type, given] of cases) {
    test(`${type}: answers a link, a code and a hash, and mails nobody`, async () => {
      const params = { type, ...(await given()), options: { redirectTo: `${appUrl}/done` } }

      const { properties, user } = await link(params)

      const address = new URL(properties.action_link)
      assert.equal(`${address.origin}${address.pathname}`, `${auth}/verify`)
      assert.deepEqual(Object.fromEntries(address.searchParams), {
        token: properties.hashed_token,
        type: type.startsWith('email_change') ? 'email_change' : type,
        redirect_to: `${appUrl}/done`,
      })
      assert.match(properties.email_otp, /^\d{6}$/)
      assert.deepEqual([properties.verification_type, properties.redirect_to], [type, `${appUrl}/done`])
      assert.equal(user.email, params.email)
      assert.deepEqual([await mailCount(params.email), await mailCount(params.newEmail)], [0, 0])
    })
  }
  test('the code works as the link does', async () => {
    const { user, email } = await newUser()
    const { properties } = await link({ type: 'recovery', email })

    const done = ok(await client().auth.verifyOtp({ email, token: properties.email_otp, type: 'recovery' }))

    assert.equal(done.user.id, user.id)
  })
  test('an unknown address is not found', async () => {
    refused(await admin.generateLink({ type: 'recovery', email: newAddress() }), 404, 'user_not_found')
  })
  test('a foreign place to return to is not taken', async () => {
    const { email } = await newUser()

    const { properties } = await link({
      type: 'magiclink',
      email,
      options: { redirectTo: 'https://evil.example/' },
    })

    assert.equal(new URL(properties.redirect_to).origin, appUrl)
  })
  test('the publishable key is refused', async () => {
    const { error } = await client().auth.admin.generateLink({ type: 'recovery', email: newAddress() })

    assert.ok([401, 403].includes(error.status), `${error.status} ${error.code}`)
  })
})

describe('a mailed link', () => {
  const recovery = async (redirectTo = `${appUrl}/done`) => {
    const person = await newUser()
    return {
      ...person,
      ...(await link({ type: 'recovery', email: person.email, options: { redirectTo } })).properties,
    }
  }

  test('shows a page with a button, and looking uses nothing up', async () => {
    const { action_link, hashed_token } = await recovery()

    for (let looks = 0; looks < 3; looks += 1) {
      const page = await open(action_link)
      assert.equal(page.status, 200)
      assert.match(page.headers.get('content-type'), /^text\/html/)
      assert.match(page.text, /<form[^>]+method="post"/i)
    }
    const head = await fetch(action_link, { method: 'HEAD', redirect: 'manual' })
    assert.ok(head.status < 500)
    ok(await client().auth.verifyOtp({ token_hash: hashed_token, type: 'recovery' }))
  })
  test('its page is not kept, framed or scripted, and tells no address where one came from', async () => {
    const { action_link } = await recovery()

    const { headers } = await open(action_link)

    assert.match(headers.get('cache-control'), /no-store/)
    assert.match(headers.get('referrer-policy'), /^(no-referrer|same-origin)$/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy'), /default-src 'none'/)
    assert.match(headers.get('content-security-policy'), /frame-ancestors 'none'/)
  })
  test('the button leads back to the app with a session in the fragment', async () => {
    const { action_link, user } = await recovery()

    const back = await confirm(action_link)

    assert.ok(back.href.startsWith(`${appUrl}/done`), back.href)
    const { query, fragment } = landing(back)
    assert.deepEqual(query, {})
    assert.deepEqual(
      [fragment.token_type, fragment.type, fragment.expires_in, fragment.sb],
      ['bearer', 'recovery', '3600', ''],
    )
    assert.ok(Number(fragment.expires_at) > Date.now() / 1000)
    const app = client()
    const { session } = ok(await app.auth.setSession(fragment))
    assert.equal(session.user.id, user.id)
  })
  test('the button works once', async () => {
    const { action_link } = await recovery()

    await confirm(action_link)
    const { fragment } = landing(await confirm(action_link))

    assert.deepEqual([fragment.error, fragment.error_code], ['access_denied', 'otp_expired'])
    assert.equal(fragment.access_token, undefined)
  })
  test('of a hundred parallel presses exactly one wins', async () => {
    const { action_link } = await recovery()

    const backs = await Promise.all(Array.from({ length: 100 }, () => confirm(action_link)))

    assert.equal(backs.filter((it) => landing(it).fragment.access_token).length, 1)
  })
  test('a made-up hash is refused on the way back, and nothing of it is shown', async () => {
    const made = `${auth}/verify?token=%3Cscript%3E&type=recovery&redirect_to=${encodeURIComponent(appUrl)}`

    const page = await open(made)

    assert.doesNotMatch(page.text, /<script>/)
    const { fragment } = landing(await confirm(made))
    assert.equal(fragment.error_code, 'otp_expired')
  })
  for (const place of [
    'https://evil.example/',
    '//evil.example/',
    '\\\\evil.example',
    `${appUrl}@evil.example/`,
    `${appUrl}.evil.example/`,
    'javascript:alert(1)',
    'data:text/html,x',
    'http://2130706433/',
    'http://0x7f000001/',
    `http://evil.example/#${appUrl}`,
  ]) {
    test(`never leads to ${place.replace(appUrl, 'the-app')}`, async () => {
      const { action_link } = await recovery()
      const address = new URL(action_link)
      address.searchParams.set('redirect_to', place)

      const back = await confirm(address.href)

      assert.equal(back.origin, appUrl, back.href)
    })
  }
  test('leads into an app with a scheme of its own where that is allowed', async () => {
    const { action_link } = await recovery('myapp://callback')

    assert.ok((await confirm(action_link)).href.startsWith('myapp://callback#access_token='))
  })
  async function pkceCode(app) {
    const person = await newUser()
    ok(await app.auth.resetPasswordForEmail(person.email, { redirectTo: `${appUrl}/done` }))
    const mail = await mailTo(person.email, { kind: 'recovery' })
    assert.match(new URL(mail.link).searchParams.get('token'), /^pkce_/)
    const { query, fragment } = landing(await confirm(mail.link))
    assert.equal(fragment.access_token, undefined)
    return { ...person, code: query.code }
  }
  test('a link of a PKCE client leads back with a code', async () => {
    const app = client({ flowType: 'pkce' })
    const { user, code } = await pkceCode(app)

    const { session } = ok(await app.auth.exchangeCodeForSession(code))

    assert.equal(session.user.id, user.id)
  })
  test('which is worth nothing to another client', async () => {
    const { code } = await pkceCode(client({ flowType: 'pkce' }))
    const thief = client({ flowType: 'pkce' })
    await thief.auth.signInWithOAuth({ provider: 'github', options: { skipBrowserRedirect: true } })

    refused(await thief.auth.exchangeCodeForSession(code), 400, 'bad_code_verifier')
  })
})
