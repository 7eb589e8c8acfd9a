// What an operator does: finds a denied request, sees what is wrong, reads the settings.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  URL, assertAccessible, assertQuiet, findChromium, launch, openPage, setUpProject, signIn, signUp,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
let browser

before(async () => {
  if (skip) return
  browser = await launch()
  await setUpProject(browser)
})
after(async () => { await browser?.close() })

/** Asks the data API as a user; the answer's status. */
async function ask(session, path, body) {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const headers = { apikey: keys.anon, 'content-type': 'application/json' }
  if (session) headers.authorization = `Bearer ${session.access_token}`
  const answer = await fetch(`${URL}/rest/v1/${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })
  return answer.status
}

test('an operator finds a denied request and learns why', { skip }, async () => {
  const session = await signUp('ann')
  assert.equal(await ask(session, 'notes', { body: 'milk' }), 201)
  assert.equal(await ask(session, 'notes?select=id,body'), 200)
  assert.equal(await ask(session, 'orders?total_cents=gt.100'), 404)
  const page = await openPage(browser)
  await signIn(page)
  await page.getByRole('region', { name: 'Denied most' }).getByRole('link', { name: 'public.orders' }).waitFor()
  assert.equal(await page.locator('pn-chart canvas').count(), 2)
  const ground = () => page.evaluate(() => {
    const canvas = document.querySelector('pn-chart canvas')
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()
  })
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await ground()
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.waitForFunction((light) => {
    const canvas = document.querySelector('pn-chart canvas')
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join() !== light
  }, light)
  await page.getByText('As a table').click()
  await page.getByRole('columnheader', { name: '95 % within, ms' }).waitFor()
  await assertAccessible(page)

  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Logs' }).click()
  await assertAccessible(page)
  await page.getByRole('link', { name: 'Denied', exact: true }).click()
  await page.getByRole('combobox', { name: 'Table' }).selectOption('public.orders')
  await page.waitForURL(/table=public.orders/)
  assert.match(page.url(), /show=denied/)
  await page.getByRole('img', { name: /Requests over time/ }).waitFor()
  await assertAccessible(page)
  await page.getByRole('rowheader').getByRole('link').click()

  await page.getByText('Denied: the table is hidden from this role').waitFor()
  await page.getByText('No rule gives this role this verb.').waitFor()
  await page.getByRole('link', { name: session.user.id }).waitFor()
  await assertAccessible(page)
  await page.getByRole('link', { name: 'Why was this denied?' }).click()
  await page.waitForURL(/\/console\/policies\/why\?table=public.orders/)
  await page.getByRole('main').getByRole('code').filter({ hasText: 'public.orders' }).first().waitFor()
  await assertAccessible(page)
  await page.goto(`${URL}/console/logs?q=select%3Did`)
  await page.getByRole('rowheader').getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Where the time went' }).waitFor()
  assert.match(await page.locator('#sql').textContent(), /\$1/)
  await page.getByText('own notes').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('an operator follows requests as they come in', { skip }, async () => {
  const session = await signUp('ben')
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/logs?service=data`)
  await page.getByRole('link', { name: 'Follow live' }).click()
  await page.waitForURL(/live=1/)
  await page.getByText('New requests appear at the top.').waitFor()
  assert.equal(await ask(session, 'notes?body=eq.followed'), 200)
  await page.getByRole('link', { name: /body=eq\.followed/ }).waitFor()
  await assertAccessible(page)

  await page.getByRole('link', { name: 'Pause' }).click()
  await page.getByRole('link', { name: 'Follow live' }).waitFor()
  await page.getByRole('link', { name: /body=eq\.followed/ }).waitFor()
  assertQuiet(page)
})

test('an operator looks after the project', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/advisors`)
  await assertAccessible(page)
  const ignore = page.getByText('Ignore', { exact: true }).first()
  if (await ignore.count() > 0) {
    await ignore.click()
    await page.getByLabel('Why this may stay').first().fill('known, and planned for next week')
    await page.getByRole('button', { name: 'Ignore this finding' }).first().click()
    await page.getByText('known, and planned for next week').waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Show again' }).click()
    await page.getByText('known, and planned for next week').waitFor({ state: 'detached' })
  }
  for (const tab of ['General', 'Database', 'Mail', 'About']) {
    await page.goto(`${URL}/console/settings/${tab.toLowerCase()}`)
    await page.getByRole('navigation', { name: 'Pages of the settings' }).waitFor()
    await assertAccessible(page)
  }
  await page.goto(`${URL}/console/settings/mail`)
  await page.getByLabel('To').fill('ops@shop.example')
  await page.getByRole('button', { name: 'Send the letter' }).click()
  await page.getByText('The letter to ops@shop.example was taken.').waitFor()
  await page.goto(`${URL}/console/audit`)
  await page.getByLabel('To whom').fill('ops@shop.example')
  await page.waitForURL(/subject=ops/)
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('admin')
  await page.waitForURL(/kind=admin/)
  await page.getByRole('rowheader', { name: 'admin test letter' }).first().waitFor()
  await assertAccessible(page)
  const [file] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('link', { name: 'Download these entries as CSV' }).click(),
  ])
  assert.equal(file.suggestedFilename(), 'audit.csv')
  await page.goto(`${URL}/console/audit`)
  await page.getByRole('link', { name: 'Check that nobody changed the log' }).click()
  await page.getByText('The log is whole.').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})
