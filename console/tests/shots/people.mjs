// Users, admins, keys, and what the log and the overview say of them.
import { join } from 'node:path'
import {
  PICTURES, SIZES, URL, launch, openPage, setUpProject, shoot, signIn, signUp,
} from '../support/browser.mjs'

const NAMES = [
  'ann', 'ben', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hana', 'ivo', 'june', 'kai', 'lena', 'milo',
  'nora', 'otto', 'pia', 'quinn', 'rosa', 'sam', 'tess', 'uma', 'vito',
]

const browser = await launch()
try {
  await setUpProject(browser)
  const sessions = []
  for (const name of NAMES) sessions.push(await signUp(name, { plan: name.length > 3 ? 'team' : 'free', city: 'Graz' }))
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/users/${sessions[2].user.id}`)
  await page.getByText('Ban this user').click()
  await page.getByRole('combobox', { name: 'For' }).selectOption('A week')
  await shoot(page, 'user')
  await page.getByRole('button', { name: 'Ban user' }).click()
  await page.getByText('Lift the ban').waitFor()
  await shoot(page, 'user-banned')
  await page.goto(`${URL}/console/users/${sessions[5].user.id}`)
  await page.getByText('Act as this user').click()
  await page.getByLabel('Why (for the audit log)').fill('Ticket 17: her notes are gone')
  await page.getByRole('button', { name: 'Make a token' }).click()
  await page.locator('#token').waitFor()
  await shoot(page, 'user-borrowed')
  await page.goto(`${URL}/console/users/new`)
  await shoot(page, 'user-new')
  await page.goto(`${URL}/console/settings/admins`)
  await page.getByLabel('E-mail address').fill('ed@shop.example')
  await page.locator('select[name=role]').last().selectOption('editor')
  await page.getByRole('button', { name: 'Add admin' }).click()
  await page.goto(`${URL}/console/account`)
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  await page.locator('#secret').waitFor()
  await shoot(page, 'account-totp')
  await page.goto(`${URL}/console/account`)
  await shoot(page, 'account')
  await page.goto(`${URL}/console/sign-in/templates?mail=recovery`)
  await shoot(page, 'sign-in-templates')
  await page.goto(`${URL}/console/sign-in/limits?who=ann@mail.example`)
  await shoot(page, 'sign-in-limits')
  for (const section of ['hooks', 'providers', 'urls']) {
    await page.goto(`${URL}/console/sign-in/${section}`)
    await shoot(page, `sign-in-${section}`)
  }
  for (const [name, path] of [
    ['users', '/users'], ['audit', '/audit'], ['keys', '/keys'], ['admins', '/settings/admins'], ['overview', ''],
  ]) {
    await page.goto(`${URL}/console${path}`)
    await shoot(page, name)
  }
  await page.goto(`${URL}/console`)
  await page.setViewportSize(SIZES[1])
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.screenshot({ path: join(PICTURES, 'menu-390.png') })
} finally {
  await browser.close()
}
