// Policies: who may do what, a policy written and tried, saved as a test, published and obeyed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  URL, assertAccessible, assertQuiet, findChromium, launch, openPage, setUpProject, signIn,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
let browser

before(async () => {
  if (skip) return
  browser = await launch()
  await setUpProject(browser)
})
after(async () => { await browser?.close() })

test('the matrix says who may do what', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Policies' }).click()
  await page.getByText('Closed to everybody').first().waitFor()
  await assertAccessible(page)

  await page.getByRole('searchbox').pressSequentially('note')
  await page.waitForURL(/q=note/)
  await page.getByText('public.orders').waitFor({ state: 'detached' })

  await page.getByRole('link', { name: 'public.notes' }).waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})
