// The way in: set-up, signing in and out, the frame around every page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  OWNER, PASSWORD, SETUP, URL, assertAccessible, assertQuiet, findChromium, launch, openPage,
  setUp, signIn,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
let browser

before(async () => {
  if (skip) return
  browser = await launch()
})
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
