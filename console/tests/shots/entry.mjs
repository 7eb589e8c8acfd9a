// The way in, and the first page.
import { SETUP, URL, launch, openPage, setUp, shoot, signIn } from '../support/browser.mjs'

const browser = await launch()
try {
  const page = await openPage(browser)
  await page.goto(SETUP)
  await shoot(page, 'setup')
  await setUp(page)
  await shoot(page, 'start')
  await page.context().clearCookies()
  await page.goto(`${URL}/console/login`)
  await shoot(page, 'login')
  await signIn(page)
  for (const [name, path] of [['reauth', '/reauth?next=/console/keys'], ['missing', '/nothing']]) {
    await page.goto(`${URL}/console${path}`)
    await shoot(page, name)
  }
} finally {
  await browser.close()
}
