// SQL: an answer, a mistake, and what is kept.
import { URL, launch, openPage, setUpProject, shoot, signIn } from '../support/browser.mjs'

const KEPT = [
  ['Orders of the week', 'select count(*), round(sum(total_cents) / 100.0, 2) as total\nfrom orders\nwhere placed_at > now() - interval \'7 days\''],
  ['Best customers', 'select customer_id, count(*) as orders, round(sum(total_cents) / 100.0, 2) as total\nfrom orders\ngroup by customer_id\norder by total desc'],
  ['Notes without an owner', 'select * from notes where owner_id is null'],
]

const browser = await launch()
try {
  await setUpProject(browser)
  const page = await openPage(browser)
  await signIn(page)
  for (const [name, sql] of KEPT) {
    await page.goto(`${URL}/console/sql`)
    await page.getByLabel('Name of the query').fill(name)
    await type(page, sql)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { name }).waitFor()
  }
  await page.getByRole('link', { name: 'Best customers' }).click()
  await page.getByRole('heading', { name: 'Best customers' }).waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('40 rows').waitFor()
  await page.mouse.move(0, 0)
  await shoot(page, 'sql')
  await page.goto(`${URL}/console/sql`)
  await type(page, 'select customer, total_cents\nfrom orders')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('Line 1').waitFor()
  await shoot(page, 'sql-mistake')
  await page.goto(`${URL}/console/sql`)
  await type(page, KEPT[1][1])
  await page.getByRole('button', { name: 'Plan and measure' }).click()
  await page.getByText('takes the most').first().waitFor()
  await shoot(page, 'sql-plan')
  await page.goto(`${URL}/console/keyboard`)
  await shoot(page, 'keyboard')
  await page.goto(`${URL}/console`)
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByRole('dialog').getByRole('searchbox').pressSequentially('or')
  await page.getByRole('dialog').getByRole('link', { name: 'orders' }).first().waitFor()
  await shoot(page, 'palette')
} finally {
  await browser.close()
}

async function type(page, sql) {
  const editor = page.getByRole('textbox', { name: 'SQL', exact: true })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(sql)
  // What the editor offers meanwhile goes.
  await page.keyboard.press('Escape')
}
