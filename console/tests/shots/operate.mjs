// Logs, one request, advisors, settings, the chain of the audit log.
import { URL, launch, openPage, setUpProject, shoot, signIn, signUp } from '../support/browser.mjs'

const NAMES = ['ann', 'ben', 'cleo', 'dora', 'emil', 'fay']
const PATHS = [
  'notes?select=id,body&order=created_at.desc&limit=20', 'notes?id=eq.1', 'orders?select=*',
  'notes?body=ilike.*milk*', 'notes?select=id', 'invoices',
]

async function ask(session, path, body) {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const headers = { apikey: keys.anon, 'content-type': 'application/json' }
  if (session) headers.authorization = `Bearer ${session.access_token}`
  await fetch(`${URL}/rest/v1/${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })
}

const browser = await launch()
try {
  await setUpProject(browser)
  const sessions = []
  for (const name of NAMES) sessions.push(await signUp(name))
  for (const [index, session] of sessions.entries()) {
    await ask(session, 'notes', { body: `buy milk, ${index}` })
    for (const path of PATHS.slice(0, 3 + (index % 4))) await ask(session, path)
  }
  await ask(null, 'notes')
  await ask(null, 'orders?select=total_cents')
  const page = await openPage(browser)
  await signIn(page)
  await shoot(page, 'overview-denied')
  await page.goto(`${URL}/console/logs?service=data`)
  await shoot(page, 'logs')
  await page.getByRole('link', { name: /created_at\.desc/ }).first().click()
  await shoot(page, 'logs-request')
  await page.goto(`${URL}/console/logs?show=denied&service=data`)
  await page.getByRole('link', { name: /orders/ }).first().click()
  await shoot(page, 'logs-denied')
  for (const [name, path] of [
    ['advisors', '/advisors'], ['settings', '/settings/general?show=all'], ['settings-database', '/settings/database'],
    ['settings-mail', '/settings/mail'], ['settings-about', '/settings/about'], ['audit-check', '/audit/check'],
  ]) {
    await page.goto(`${URL}/console${path}`)
    await shoot(page, name)
  }
} finally {
  await browser.close()
}
