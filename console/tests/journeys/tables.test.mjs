// The rows of tables: found, edited, made, exported and deleted.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  SIZES, URL, assertAccessible, assertQuiet, findChromium, launch, openPage, setUpProject, signIn,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
const ORDERS = `${URL}/console/tables/public.orders`
let browser

before(async () => {
  if (skip) return
  browser = await launch()
  await setUpProject(browser)
})
after(async () => { await browser?.close() })

async function signedIn() {
  const page = await openPage(browser)
  await signIn(page)
  return page
}

const body = (page) => page.locator('.cells tbody')
const cell = (page, row, column) => body(page).locator('tr').nth(row).locator('th, td').nth(column)

test('an admin finds a table and the rows in it', { skip }, async () => {
  const page = await signedIn()
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Tables' }).click()
  await assertAccessible(page)
  await page.getByRole('searchbox').pressSequentially('ord')
  await page.waitForURL(/q=ord/)
  await page.getByRole('rowheader', { name: 'orders', exact: true }).getByRole('link').click()
  await page.getByText('1–100 of 240').waitFor()
  await assertAccessible(page)

  await page.getByRole('link', { name: 'Next' }).click()
  await page.getByText('101–200 of 240').waitFor()
  await page.locator('summary', { hasText: 'Filter' }).click()
  await page.getByRole('combobox', { name: 'Column', exact: true }).selectOption('note')
  await page.getByRole('combobox', { name: 'Comparison' }).selectOption('contains')
  await page.getByRole('textbox', { name: 'Value' }).fill('ring')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Add filter' }).click()
  await page.getByText('1–40 of 40').waitFor()
  assert.match(page.url(), /where=note\.ilike\.\*ring\*/)
  await page.getByRole('columnheader', { name: 'placed_at' }).getByRole('link').click()
  await page.waitForURL(/order=placed_at\.asc/)
  await page.getByRole('link', { name: 'Remove this filter: note' }).click()
  await page.getByText('1–100 of 240').waitFor()

  await page.goto(`${ORDERS}?where=gone.eq.1`)
  await page.getByText('there is no such column').waitFor()
  await page.getByText('1–100 of 240').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('cells are edited with the keyboard, and saved together', { skip }, async () => {
  const page = await signedIn()
  await page.goto(`${ORDERS}?col=state&col=quantity&col=note`)
  await cell(page, 0, 0).focus()
  assert.equal(await body(page).locator('[tabindex="0"]').count(), 1, 'one tab stop')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.keyboard.type('7')
  await page.keyboard.press('Escape')
  assert.equal(await cell(page, 0, 2).textContent(), '2')
  await page.keyboard.press('Enter')
  await page.keyboard.type('7')
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('F2')
  await page.keyboard.type('-1')
  await page.keyboard.press('Enter')
  await page.getByText('changed and not saved yet').waitFor()
  await assertAccessible(page)

  await page.getByRole('button', { name: 'Save', exact: true }).click()

  await page.getByText(/violates check constraint/).waitFor()
  assert.equal(await body(page).locator('.changed').count(), 1)
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.reload()
  assert.deepEqual([await cell(page, 0, 2).textContent(), await cell(page, 1, 2).textContent()], ['7', '3'])
  assertQuiet(page)
})

test('cells are copied and pasted as spreadsheets do', { skip }, async () => {
  const page = await signedIn()
  await page.goto(`${ORDERS}?col=quantity&col=note`)
  const copied = await body(page).evaluate((body) => {
    const [first, second] = [body.rows[2].cells[1], body.rows[3].cells[2]]
    first.focus()
    for (const key of ['ArrowDown', 'ArrowRight']) {
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey: true, bubbles: true }))
    }
    const data = new DataTransfer()
    second.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }))
    return data.getData('text/plain')
  })
  assert.equal(copied.split('\n').length, 2)
  assert.equal(copied.split('\n')[0].split('\t').length, 2)
  await body(page).evaluate((body) => {
    const data = new DataTransfer()
    data.setData('text/plain', '5\tpasted\n6\tas well\n')
    body.rows[4].cells[1].focus()
    body.rows[4].cells[1].dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('changed and not saved yet').waitFor({ state: 'hidden' })
  await page.reload()
  assert.equal(await cell(page, 5, 2).textContent(), 'as well')
  assertQuiet(page)
})

test('a row is changed, referred to and deleted on its page', { skip }, async () => {
  const page = await signedIn()
  await page.goto(`${URL}/console/tables/public.customers`)
  await page.getByRole('link', { name: 'New row' }).click()
  await assertAccessible(page)
  await page.getByRole('textbox', { name: 'name' }).fill('Zoe')
  await page.getByRole('button', { name: 'Insert row' }).click()
  await page.getByText(/Null value in column "email"/).waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'name' }).inputValue(), 'Zoe')
  await assertAccessible(page)
  await page.getByRole('textbox', { name: 'email' }).fill('zoe@mail.example')
  await page.getByRole('button', { name: 'Insert row' }).click()
  await page.getByText('Saved.').waitFor()
  await assertAccessible(page)

  await page.goto(`${ORDERS}/rows/1`)
  await page.locator('.field', { hasText: 'customer_id' }).getByText('Choose a row').click()
  await page.getByRole('searchbox', { name: 'Search by name or key' }).first().pressSequentially('Zo')
  await page.getByRole('radio', { name: /Zoe/ }).click()
  assert.equal(await page.getByRole('textbox', { name: 'customer_id' }).inputValue(), '14')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('link', { name: 'customers 14' }).click()
  await page.getByRole('link', { name: 'orders', exact: true }).waitFor()
  await assertAccessible(page)
  await page.getByText('Delete this row').click()
  await page.getByText('Other rows refer to it: 1.').waitFor()
  await page.getByRole('button', { name: 'Delete row' }).click()
  await page.getByText(/violates foreign key constraint/).waitFor()
  assertQuiet(page)
})

test('a row opens over the rows, is changed there and leads back', { skip }, async () => {
  const page = await signedIn()
  const list = `${ORDERS}?where=id.lt.9&col=note`
  const drawer = page.getByRole('dialog', { name: /^orders / })
  const note = drawer.getByRole('textbox', { name: 'note' })
  await page.goto(list)
  await page.evaluate(() => { globalThis.isSamePage = true })
  await page.getByRole('link', { name: '3', exact: true }).click()
  await drawer.getByRole('heading', { name: 'orders 3' }).waitFor()
  assert.equal(page.url(), `${ORDERS}/rows/3`)
  assert.equal(await page.evaluate(() => document.activeElement.id), 'drawer-title')
  await drawer.getByRole('button', { name: 'Row below' }).click()
  await drawer.getByRole('heading', { name: 'orders 4' }).waitFor()
  await assertAccessible(page)

  await note.fill('typed in the drawer')
  await page.keyboard.press('Escape')
  await drawer.getByText('What you typed is not saved').waitFor()
  await assertAccessible(page)
  await drawer.getByRole('button', { name: 'Save changes' }).click()
  await drawer.getByText('Saved.').waitFor()
  await body(page).getByText('typed in the drawer').waitFor()
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  assert.equal(page.url(), list)
  assert.equal(await page.evaluate(() => document.activeElement.closest('tr')?.dataset.key), '4')

  await page.keyboard.press('Enter')
  await drawer.getByRole('heading', { name: 'orders 4' }).waitFor()
  await note.fill('let go')
  await drawer.getByRole('button', { name: 'Close' }).click()
  await drawer.getByRole('button', { name: 'Let it go' }).click()
  await drawer.waitFor({ state: 'hidden' })
  assert.ok(await page.evaluate(() => globalThis.isSamePage), 'nothing was loaded anew')

  await page.goto(`${ORDERS}?where=id.gt.198&where=id.lt.202`)
  await page.getByRole('link', { name: '200', exact: true }).click()
  await drawer.getByText('Delete this row').click()
  await drawer.getByRole('button', { name: 'Delete row' }).click()
  await page.getByText('1–2 of 2').waitFor()
  await drawer.waitFor({ state: 'hidden' })
  assert.match(page.url(), /where=id\.gt\.198/)

  await page.goto(list)
  await page.setViewportSize(SIZES[1])
  await page.getByRole('link', { name: '2', exact: true }).click()
  await drawer.getByRole('heading', { name: 'orders 2' }).waitFor()
  assert.equal((await drawer.boundingBox()).width, SIZES[1].width)
  await page.goBack()
  await drawer.waitFor({ state: 'hidden' })
  await page.goForward()
  await drawer.getByRole('heading', { name: 'orders 2' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'orders 2', level: 1 }).waitFor()
  assert.equal(await drawer.count(), 0, 'the address alone is a page')
  assertQuiet(page)
})

test('selected rows are set and deleted, and the rest exported', { skip }, async () => {
  const page = await signedIn()
  await page.goto(`${ORDERS}?where=id.gt.230&col=note`)
  for (const key of ['231', '232', '233']) await page.getByRole('checkbox', { name: `Select row ${key}` }).check()
  await page.locator('summary', { hasText: 'Selected' }).click()
  await page.getByRole('combobox', { name: 'Set the column' }).selectOption('note')
  await page.getByRole('textbox', { name: 'to', exact: true }).fill('=checked')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Set in selected rows' }).click()
  await page.getByText('=checked').first().waitFor()
  assert.equal(await page.getByText('=checked').count(), 3)
  await page.getByRole('checkbox', { name: 'Select row 240' }).check()
  await page.locator('summary', { hasText: 'Selected' }).click()
  await page.getByRole('button', { name: 'Delete selected rows' }).click()
  await page.getByText('1–9 of 9').waitFor()

  await page.locator('summary', { hasText: 'Export' }).click()
  await assertAccessible(page)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'CSV file' }).click()
  const file = readFileSync(await (await download).path(), 'utf8')

  assert.equal(file.trim().split('\r\n').length, 10)
  assert.match(file, /^231,"'=checked"\r$/m)
  assertQuiet(page)
})

test('what has no key or is not served says so', { skip }, async () => {
  const page = await signedIn()
  await page.setViewportSize(SIZES[1])
  await page.goto(`${URL}/console/tables/public.import_log`)
  await page.getByText('has no primary key').waitFor()
  await assertAccessible(page)
  await page.goto(`${URL}/console/tables/back_office.ledger`)
  await page.getByText('does not serve the schema back_office').waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})
