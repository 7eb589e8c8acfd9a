// The matrix of policies, and the bench on which one is written and tried.
import { URL, launch, openPage, setUpProject, shoot, signIn } from '../support/browser.mjs'

const browser = await launch()
try {
  await setUpProject(browser)
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/policies`)
  await shoot(page, 'policies')
} finally {
  await browser.close()
}
