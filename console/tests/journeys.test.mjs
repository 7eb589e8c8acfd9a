// What an admin does, in a real browser; each journey ends with axe at zero violations.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  OWNER, PASSWORD, SETUP, URL, apiStatus, assertAccessible, assertQuiet, findChromium, launch,
  openPage, setUp, signIn, signUp,
} from './support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
let browser

before(async () => { if (!skip) browser = await launch() })
after(async () => { await browser?.close() })

test('the owner sets the project up, once', { skip }, async () => {
  const page = await openPage(browser)
  await page.goto(SETUP)
  await assertAccessible(page)

  await setUp(page)

  assert.match(await page.locator('#snippet').textContent(), /createClient/)
  await assertAccessible(page)
  await page.getByRole('link', { name: 'Go to the overview' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await assertAccessible(page)
  const again = await page.goto(SETUP)
  assert.equal(again.status(), 404)
  await assertAccessible(page)
  assertQuiet(page)
})

test('an admin signs in and out', { skip }, async () => {
  const page = await openPage(browser)
  await page.goto(`${URL}/console/users`)
  await page.waitForURL(`${URL}/console/login`)
  await assertAccessible(page)
  await page.getByLabel('E-mail address').fill(OWNER)
  await page.getByLabel('Password').fill('wrong-horse-battery')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('alert').waitFor()
  assert.equal(await page.getByLabel('E-mail address').inputValue(), OWNER)
  await assertAccessible(page)

  await signIn(page)

  const [cookie] = (await page.context().cookies()).filter((it) => it.name.includes('console'))
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict'])
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${URL}/console/login`)
  await page.goto(`${URL}/console`)
  await page.waitForURL(`${URL}/console/login`)
  assertQuiet(page)
})

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

test('the rail is a sheet on a small screen, and the theme is kept', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.setViewportSize({ width: 390, height: 844 })
  const rail = page.getByRole('navigation', { name: 'Pages', exact: true })
  assert.equal(await rail.isVisible(), false)
  await page.getByRole('button', { name: 'Menu' }).click()
  await rail.getByRole('link', { name: 'Audit log' }).click()
  await page.waitForURL(`${URL}/console/audit`)

  await page.getByRole('button', { name: 'Dark' }).click()
  await page.waitForURL(`${URL}/console/audit`)
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
  await page.reload()
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
  assertQuiet(page)
})

test('the password is asked for on the way to something dangerous', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/reauth?next=/console/keys`)
  await assertAccessible(page)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.waitForURL(`${URL}/console/keys`)
  assertQuiet(page)
})
