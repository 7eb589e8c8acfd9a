// SQL: running, keeping, losing nothing.
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

/** Puts a text into the editor, whatever it is made of. */
async function type(page, sql) {
  const editor = page.getByRole('textbox', { name: 'SQL', exact: true })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(sql)
  // What the editor offers meanwhile goes.
  await page.keyboard.press('Escape')
}

test('an admin runs SQL, sees the limit, and finds a mistake', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/sql`)
  await assertAccessible(page)

  await type(page, 'select id, total_cents, placed_at from orders order by id')
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.getByText('First 100 rows; there are more').waitFor()
  await page.waitForURL(/\/console\/sql\/new\/runs\//)
  await assertAccessible(page)
  const [file] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click(),
  ])
  assert.equal(file.suggestedFilename(), 'rows-1.csv')

  await type(page, 'select total_cent from orders')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('Line 1, column 8').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('what the editor offers goes when it is run, left or refused, and typing over colours is quiet', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/sql`)
  await type(page, "select id, 'text', 42 from orders order by id")
  // Over coloured text, a letter at a time and with a bracket that closes around it.
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('select tot')
  const offers = page.locator('.cm-tooltip-autocomplete')
  await offers.waitFor()
  await page.keyboard.press('Escape')
  await offers.waitFor({ state: 'detached' })
  await page.keyboard.type('al_c')
  await offers.waitFor()
  await page.getByLabel('Name of the query').focus()
  await offers.waitFor({ state: 'detached' })

  await type(page, 'select 1 from ord')
  await page.keyboard.type('e')
  await offers.waitFor()
  await page.keyboard.press('Backspace')
  await page.keyboard.type('ers')
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.getByText('First 100 rows; there are more').waitFor()
  assert.equal(await offers.count(), 0)
  await page.getByRole('textbox', { name: 'SQL', exact: true }).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('(')
  assert.equal(await page.locator('textarea[name=sql]').inputValue(), '(select 1 from orders)')
  assertQuiet(page)
})

test('a query is kept, and a draft is not lost', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/sql`)
  await page.getByLabel('Name of the query').fill('Sum of all orders')
  await type(page, 'select sum(total_cents) from orders')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('heading', { name: 'Sum of all orders' }).waitFor()
  const kept = page.url()
  await type(page, 'select sum(total_cents) / 100 from orders')

  await page.goto(`${URL}/console/sql`)
  await page.getByRole('link', { name: 'Sum of all orders' }).click()
  await page.getByText('There is a draft of this query').waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Use the draft' }).click()
  assert.match(await page.locator('textarea[name=sql]').inputValue(), /100 from orders/)

  const second = await openPage(browser)
  await signIn(second)
  await second.goto(kept)
  await type(second, 'select 1')
  await second.getByRole('button', { name: 'Save', exact: true }).click()
  await second.locator('input[name=version][value="2"]').waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('saved version 2 meanwhile').waitFor()
  assert.match(await page.locator('textarea[name=sql]').inputValue(), /100 from orders/)
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Versions', { exact: true }).click()
  await page.getByRole('link', { name: 'Version 2' }).click()
  await page.getByText('This is an older version').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
  assertQuiet(second)
})

test('an owner keeps changes, and a long run is stopped', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/sql`)
  await type(page, 'delete from orders where id <= 10')
  await page.getByText('Run with changes', { exact: true }).click()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Run and keep changes' }).click()
  await page.getByText('10 rows changed').waitFor()

  await type(page, 'select pg_sleep(25)')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('57014').waitFor()
  assertQuiet(page)
})

test('a plan is a tree, and says what takes the most', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/sql`)
  await type(page, 'select customer_id, count(*) from orders group by 1 order by 2 desc')
  await page.getByRole('button', { name: 'Plan and measure' }).click()
  await page.getByText('takes the most').first().waitFor()
  await page.getByText('The plan as JSON').click()
  await assertAccessible(page)
  assertQuiet(page)
})

test('everything is found from the keyboard', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.keyboard.press('ControlOrMeta+k')
  const search = page.getByRole('dialog').getByRole('searchbox')
  await search.pressSequentially('ord')
  await page.getByRole('dialog').getByRole('link', { name: 'orders' }).first().waitFor()
  await assertAccessible(page)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/console\/tables\/public\.orders/)

  await page.locator('body').press('g')
  await page.keyboard.press('s')
  await page.waitForURL(`${URL}/console/sql`)
  await page.locator('body').press('?')
  await page.getByRole('dialog').getByText('Go to a page').waitFor()
  await assertAccessible(page)
  await page.keyboard.press('Escape')
  await page.goto(`${URL}/console/palette?q=keys`)
  await assertAccessible(page)
  await page.goto(`${URL}/console/keyboard`)
  await page.getByRole('button', { name: 'Switch them off in this browser' }).click()
  await page.locator('body').press('g')
  await page.keyboard.press('u')
  await page.getByRole('button', { name: 'Switch them on in this browser' }).click()
  await assertAccessible(page)
  assert.equal(page.url(), `${URL}/console/keyboard`)
  assertQuiet(page)
})
