// The tables, the rows of one, and a row.
import { URL, launch, openPage, setUpProject, shoot, signIn } from '../support/browser.mjs'

const ORDERS = `${URL}/console/tables/public.orders`
const browser = await launch()
try {
  await setUpProject(browser)
  const page = await openPage(browser)
  await signIn(page)
  for (const [name, address] of [
    ['tables', `${URL}/console/tables`],
    ['grid', `${ORDERS}?where=state.eq.open&where=gone.eq.1&sort=placed_at.desc`],
    ['row', `${ORDERS}/rows/4`],
    ['row-new', `${ORDERS}/insert`],
  ]) {
    await page.goto(address)
    await shoot(page, name)
  }
  await page.goto(`${ORDERS}?where=state.eq.open&sort=placed_at.desc`)
  await page.locator('.cells tbody th a').nth(3).click()
  await page.locator('#drawer-title').waitFor()
  await shoot(page, 'drawer')
  await page.goto(ORDERS)
  const cell = (row, column) => page.locator('.cells tbody tr').nth(row).locator('td').nth(column)
  for (const [row, typed] of [[2, '12'], [4, '3']]) {
    await cell(row, 3).dblclick()
    await page.keyboard.type(typed)
    await page.keyboard.press('Enter')
  }
  await cell(6, 4).dblclick()
  await page.keyboard.type('Please ring twice')
  await shoot(page, 'grid-edit')
} finally {
  await browser.close()
}
