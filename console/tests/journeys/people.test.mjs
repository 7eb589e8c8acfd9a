// Users, admins and keys.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  URL, apiStatus, assertAccessible, assertQuiet, findChromium, launch, openPage, setUpProject,
  signIn, signUp,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
let browser

before(async () => {
  if (skip) return
  browser = await launch()
  await setUpProject(browser)
})
after(async () => { await browser?.close() })

test('an admin finds a user and bans them', { skip }, async () => {
  const sessions = {}
  for (const name of ['ann', 'ben', 'cleo']) sessions[name] = await signUp(name)
  const page = await openPage(browser)
  await signIn(page)
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Users' }).click()
  await assertAccessible(page)

  const search = page.getByRole('searchbox')
  await search.pressSequentially('ben')
  await page.getByText('1–1 of 1').waitFor()
  await page.waitForURL(/q=ben/)
  assert.equal(await page.getByRole('rowheader').count(), 1)
  assert.ok(await search.evaluate((it) => it === document.activeElement), 'the search keeps the focus')
  await page.getByRole('link', { name: 'ben@mail.example' }).click()
  await assertAccessible(page)
  assert.equal(await apiStatus(sessions.ben), 200)
  await page.getByText('Ban this user').click()
  await page.getByRole('combobox', { name: 'For' }).selectOption('A week')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Ban user' }).click()
  await page.getByText('Lift the ban').waitFor()

  assert.ok(await apiStatus(sessions.ben) >= 400)
  assert.equal(await apiStatus(sessions.ann), 200)
  await assertAccessible(page)
  await page.goto(`${URL}/console/users?group=banned`)
  assert.equal(await page.getByRole('rowheader').count(), 1)
  await page.goto(`${URL}/console/audit?actor=olga&action=user+modified`)
  await page.getByRole('link', { name: 'ben@mail.example' }).first().waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('an admin invites a user, and writes down what the project knows', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/users`)
  await page.getByRole('link', { name: 'Add a user' }).click()
  await page.getByRole('heading', { name: 'Invite by e-mail' }).waitFor()
  await assertAccessible(page)
  await page.getByLabel('E-mail address').first().fill('ida@mail.example')
  await page.getByRole('button', { name: 'Send invitation' }).click()
  await page.getByText('The invitation is on its way').waitFor()
  await assertAccessible(page)

  const known = page.getByLabel('What the project knows')
  await known.fill('{"plan": "team",}')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await page.getByRole('alert').getByText('This is no JSON').waitFor()
  await assertAccessible(page)
  await known.fill('{"plan": "team"}')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await page.getByText('user modified').waitFor()
  assert.match(await known.inputValue(), /"providers"/)

  await page.getByText('Send a link').click()
  await assertAccessible(page)
  await page.getByText('Delete this user').click()
  await assertAccessible(page)
  await page.getByLabel('Delete the row').check()
  await page.getByRole('button', { name: 'Delete user' }).click()
  await page.waitForURL(`${URL}/console/users`)
  assert.equal(await page.getByRole('link', { name: 'ida@mail.example' }).count(), 0)
  assertQuiet(page)
})

test('the owner acts for a user, and stops', { skip }, async () => {
  const session = await signUp('fay')
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/users/${session.user.id}`)
  await page.getByText('Act as this user').click()
  await page.getByLabel('Why (for the audit log)').fill('Ticket 17: her notes are gone')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Make a token' }).click()
  const token = await page.locator('#token').textContent()
  await assertAccessible(page)
  assert.equal(await apiStatus({ access_token: token }), 200)

  await page.getByRole('button', { name: 'End it now' }).click()
  await page.getByText('user impersonated').waitFor()

  assert.ok(await apiStatus({ access_token: token }) >= 400)
  assert.equal(await apiStatus(session), 200)
  await assertAccessible(page)
  assertQuiet(page)
})

/** The six digits of an authenticator app, some steps of half a minute from now. */
function digits(secret, steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.trim()].map((it) => alphabet.indexOf(it).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((it) => parseInt(it, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const tag = createHmac('sha1', key).update(step).digest()
  const number = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** An admin of their own, so that the journeys of others need no second factor. */
async function addAdmin(email) {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/settings/admins`)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('button', { name: 'Add admin' }).click()
  return page.locator('#made-up').textContent()
}

test('an admin enrols an authenticator app, and signs in with it', { skip }, async () => {
  const email = 'theo@shop.example'
  const password = await addAdmin(email)
  const page = await openPage(browser)
  await signIn(page, email, password)
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { name: 'Second factors and passkeys' }).waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  const secret = await page.locator('#secret').textContent()
  await assertAccessible(page)
  await page.getByLabel('The six digits').fill(digits(secret))
  await page.getByRole('button', { name: 'Confirm' }).click()
  const codes = (await page.locator('#codes').textContent()).trim().split('\n')
  assert.equal(codes.length, 10)
  await assertAccessible(page)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await page.getByText('10 recovery codes are left').waitFor()
  await assertAccessible(page)

  const second = await openPage(browser)
  await second.goto(`${URL}/console/login`)
  await second.getByLabel('E-mail address').fill(email)
  await second.getByLabel('Password').fill(password)
  await second.getByRole('button', { name: 'Sign in', exact: true }).click()
  await second.getByRole('heading', { name: 'Second step' }).waitFor()
  await assertAccessible(second)
  await second.getByRole('textbox', { name: /^Code/ }).fill('000000')
  await second.getByRole('button', { name: 'Sign in', exact: true }).click()
  await second.getByRole('alert').waitFor()
  // One step ahead: the code of this one enrolled the app and is used up.
  await second.getByRole('textbox', { name: /^Code/ }).fill(digits(secret, 1))
  await second.getByRole('button', { name: 'Sign in', exact: true }).click()
  await second.waitForURL(`${URL}/console`)

  // The password alone is not enough for what reaches far either.
  await second.goto(`${URL}/console/reauth?next=/console/account`)
  await second.getByLabel('Password').fill(password)
  await second.getByRole('textbox', { name: /^Code/ }).fill('000000')
  await second.getByRole('button', { name: 'Confirm' }).click()
  await second.getByRole('alert').waitFor()
  await assertAccessible(second)
  await second.getByLabel('Password').fill(password)
  await second.getByRole('textbox', { name: /^Code/ }).fill(codes[0])
  await second.getByRole('button', { name: 'Confirm' }).click()
  await second.waitForURL(`${URL}/console/account`)
  await second.getByText('9 recovery codes are left').waitFor()
  assertQuiet(page)
  assertQuiet(second)
})

test('an admin makes a passkey, and signs in without a password', { skip }, async () => {
  const email = 'pat@shop.example'
  const password = await addAdmin(email)
  // Passkeys are made for names.
  const named = URL.replace('127.0.0.1', 'localhost')
  const page = await openPage(browser)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  })
  await page.goto(`${named}/console/login`)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${named}/console`)
  await page.goto(`${named}/console/account`)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByLabel('What you call it').fill('Laptop')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Make passkey' }).click()
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await page.getByText('Laptop').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${named}/console/login`)

  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('button', { name: 'Use passkey' }).waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Use passkey' }).click()
  await page.waitForURL(`${named}/console`)

  await page.goto(`${named}/console/reauth?next=/console/account`)
  await page.getByText('Or with your password and a recovery code').waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Confirm with a passkey' }).click()
  await page.getByRole('button', { name: 'Use passkey' }).waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Use passkey' }).click()
  await page.waitForURL(`${named}/console/account`)
  assertQuiet(page)
})

test('an admin looks at how users sign in', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Sign-in' }).click()
  for (const [tab, said] of [
    ['Addresses', 'auth.site_url'], ['Limits', 'rates.enabled'], ['Hooks', 'custom_access_token'],
    ['Mail templates', 'confirm_signup'],
  ]) {
    await page.getByRole('navigation', { name: 'Sign-in' }).getByRole('link', { name: tab }).click()
    await page.getByText(said, { exact: true }).first().waitFor()
    await assertAccessible(page)
  }
  await page.getByRole('link', { name: 'recovery', exact: true }).click()
  await page.frameLocator('iframe').getByText('483920').first().waitFor()
  await assertAccessible(page)
  await page.getByText('mail/en/recovery.html').click()
  await assertAccessible(page)

  await page.goto(`${URL}/console/sign-in/limits`)
  await page.getByLabel('Who').fill('ann@mail.example')
  await page.getByRole('button', { name: 'Look' }).click()
  await page.waitForURL(/who=ann/)
  await page.getByText('Nothing is counted of ann@mail.example').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('a hostile mail template runs nothing in the console', { skip }, async () => {
  const folder = join(process.env.POSTERN_PROJECT, 'mail', 'en')
  await mkdir(folder, { recursive: true })
  const attack = "document.title = 'taken'; parent.document.title = 'taken'; parent.document.cookie"
  await writeFile(join(folder, 'magic_link.html'), `<p>{{ link }}</p><script>${attack}</script><img src="data:,x" onerror="${attack}">`)
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/sign-in/templates?mail=magic_link`)
  await page.frameLocator('iframe').getByText('token=sample').waitFor()

  assert.match(await page.title(), /^Sign-in/)
  assert.equal(await page.locator('iframe').evaluate((it) => it.contentDocument), null, 'an origin of its own')
  // The browser says what it has refused, and nothing else.
  const refused = page.complaints.splice(0)
  assert.ok(refused.some((it) => /Blocked script execution|sandbox/i.test(it)), refused.join('\n'))
  assert.deepEqual(refused.filter((it) => !/script|event handler/i.test(it)), [])
})

test('the owner rotates the signing key, and users stay signed in', { skip }, async () => {
  const session = await signUp('dora')
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/keys`)
  await assertAccessible(page)

  await page.getByText('Rotate the signing key').click()
  await page.getByRole('button', { name: 'Rotate key' }).click()

  await page.getByText('Signs no more').waitFor()
  assert.equal(await apiStatus(session), 200)
  await assertAccessible(page)
  assertQuiet(page)
})

test('the owner adds a viewer, who can only look', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/settings/admins`)
  await assertAccessible(page)
  await page.getByLabel('E-mail address').fill('vera@shop.example')
  await page.getByRole('button', { name: 'Add admin' }).click()
  const password = await page.locator('#made-up').textContent()
  await assertAccessible(page)

  const second = await openPage(browser)
  await signIn(second, 'vera@shop.example', password)
  await second.goto(`${URL}/console/users?q=ann`)
  await second.getByRole('link', { name: 'ann@mail.example' }).click()
  await second.getByRole('heading', { name: 'Profile' }).waitFor()

  assert.equal(await second.getByText('Ban this user').count(), 0)
  await second.goto(`${URL}/console/keys`)
  assert.equal(await second.getByText('Rotate the signing key').count(), 0)
  await assertAccessible(second)
  assertQuiet(page)
  assertQuiet(second)
})
