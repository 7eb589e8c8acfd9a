// A table's API in one of its languages.
import { URL, launch, openPage, setUpProject, shoot, signIn } from '../support/browser.mjs'

const browser = await launch()
try {
  await setUpProject(browser)
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/tables/public.orders/api`)
  await shoot(page, 'api')
} finally {
  await browser.close()
}
