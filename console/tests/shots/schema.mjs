// What tables are made of, and how that is changed.
import { launch, openPage, setUpProject, shoot, signIn, URL } from '../support/browser.mjs'

const browser = await launch()
try {
  await setUpProject(browser)
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/tables/public.orders/structure`)
  await shoot(page, 'structure')
  await page.goto(`${URL}/console/tables/new`)
  await page.getByLabel('Name of the table').fill('offers')
  await page.getByLabel('What it is for').fill('What was offered, and until when it is good')
  await page.getByLabel('Name of column 3').fill('customer_id')
  await page.getByLabel('Type of the new column').selectOption('bigint')
  await page.locator('[name="c2.references"]').fill('public.customers.id')
  await page.getByText('customer_id bigint references public.customers (id)').waitFor()
  await shoot(page, 'table-new')
  await page.goto(`${URL}/console/tables/public.orders/structure/edit`)
  await page.getByLabel('Name of column 8').fill('is_present')
  await page.getByLabel('Drop note').check()
  await page.getByText('gone for good').waitFor()
  await page.getByText('gone for good').scrollIntoViewIfNeeded()
  await shoot(page, 'table-change')
  await page.goto(`${URL}/console/tables/public.customers/import`)
  await shoot(page, 'import')
  const csv = 'E-mail,Name,City,Since\nann@mail.example,Ann,Graz,2024\nben@mail.example,Ben,Linz,2025\n,Cleo,Wien,2025\nann@mail.example,Ann,Graz,2024\n'
  await page.locator('input[type=file]').setInputFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await page.getByRole('button', { name: 'Look at the file' }).click()
  await page.getByLabel('Column for E-mail').waitFor()
  await shoot(page, 'import-columns')
  await page.getByRole('button', { name: 'Import all rows' }).click()
  await page.getByText('Nothing was imported.').waitFor()
  await shoot(page, 'import-bad')
} finally {
  await browser.close()
}
