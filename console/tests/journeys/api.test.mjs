// The API tab of a table: chosen, copied, and read by whoever cannot see it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  URL, assertAccessible, assertQuiet, findChromium, launch, openPage, setUpProject, signIn,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
const keys = JSON.parse(process.env.POSTERN_KEYS)
let browser

before(async () => {
  if (skip) return
  browser = await launch()
  await setUpProject(browser)
})
after(async () => { await browser?.close() })

test('an admin copies lines for an app in its language', { skip }, async () => {
  const page = await openPage(browser)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await signIn(page)
  await page.goto(`${URL}/console/tables/public.orders`)
  await page.getByRole('navigation', { name: 'Pages of public.orders' }).getByRole('link', { name: 'API' }).click()
  await page.getByRole('heading', { name: 'Read rows with customers' }).waitFor()
  await page.getByText('Signed-in users may').first().waitFor()
  await page.getByText('No policy lets apps do this').waitFor()
  await assertAccessible(page)

  for (const [name, word, part] of [
    ['Python', 'python', 'create_client('], ['Dart', 'dart', 'SupabaseClient('], ['Swift', 'swift', 'AnyJSON'],
    ['Kotlin', 'kotlin', 'createSupabaseClient('], ['curl', 'curl', '/rest/v1/orders'],
  ]) {
    await page.getByRole('navigation', { name: 'Languages' }).getByRole('link', { name }).click()
    await page.waitForURL(new RegExp(`in=${word}$`))
    await page.getByText(part).first().waitFor()
  }
  await assertAccessible(page)

  const block = page.locator('.section').filter({ has: page.getByRole('heading', { name: 'Read rows', exact: true }) })
  await block.getByRole('button', { name: 'Copy' }).click()
  await block.getByRole('button', { name: 'Copied' }).waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  assert.equal(copied, await block.locator('pre').textContent())
  assert.ok(copied.includes(keys.publishable) && !copied.includes(keys.secret), copied)

  await page.getByRole('link', { name: 'Policies of this table' }).click()
  await page.waitForURL(/\/policies$/)
  assertQuiet(page)
})

test('names of all sorts fit the page', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/tables?q=größe`)
  await page.getByRole('rowheader', { name: /größe/ }).getByRole('link').click()
  await page.getByRole('link', { name: 'API', exact: true }).click()
  await page.getByRole('link', { name: 'Python' }).click()
  await page.getByText('The Python client takes the names').first().waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})
