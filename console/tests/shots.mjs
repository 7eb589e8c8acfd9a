// Takes the pictures of docs/console: every page in light and dark, and as a phone shows it.
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OWNER, SETUP, SIZES, THEMES, URL, launch, openPage, setUp, signIn, signUp } from './support/browser.mjs'

const OUT = join(dirname(fileURLToPath(import.meta.url)), '../../docs/console')
const NAMES = [
  'ann', 'ben', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hana', 'ivo', 'june', 'kai', 'lena', 'milo',
  'nora', 'otto', 'pia', 'quinn', 'rosa', 'sam', 'tess', 'uma', 'vito',
]

async function shoot(page, name) {
  await page.waitForLoadState('networkidle')
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(SIZES[0])
    await page.screenshot({ path: join(OUT, `${name}-${colorScheme}.png`) })
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize(SIZES[1])
  await page.screenshot({ path: join(OUT, `${name}-390.png`) })
  await page.setViewportSize(SIZES[0])
}

mkdirSync(OUT, { recursive: true })
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
  const sessions = []
  for (const name of NAMES) sessions.push(await signUp(name, { plan: name.length > 3 ? 'team' : 'free', city: 'Graz' }))
  await signIn(page)

  const user = `${URL}/console/users/${sessions[2].user.id}`
  await page.goto(user)
  await page.getByText('Ban this user').click()
  await page.getByRole('combobox', { name: 'For' }).selectOption('A week')
  await shoot(page, 'user')
  await page.getByRole('button', { name: 'Ban user' }).click()
  await page.getByText('Lift the ban').waitFor()
  await shoot(page, 'user-banned')
  await page.goto(`${URL}/console/settings/admins`)
  await page.getByLabel('E-mail address').fill('ed@shop.example')
  await page.locator('select[name=role]').last().selectOption('editor')
  await page.getByRole('button', { name: 'Add admin' }).click()
  for (const [name, path] of [
    ['users', '/users'], ['audit', '/audit'], ['keys', '/keys'], ['admins', '/settings/admins'],
    ['reauth', '/reauth?next=/console/keys'], ['missing', '/nothing'], ['overview', ''],
  ]) {
    await page.goto(`${URL}/console${path}`)
    await shoot(page, name)
  }
  await page.goto(`${URL}/console`)
  await page.setViewportSize(SIZES[1])
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.screenshot({ path: join(OUT, 'menu-390.png') })
  console.log(`pictures of the console as ${OWNER} sees it are in docs/console`)
} finally {
  await browser.close()
}
