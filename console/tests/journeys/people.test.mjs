// Users, admins and keys.
import assert from 'node:assert/strict'
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
