// Chromium as admins use it: every theme and width, and an ear for what the page complains of.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
export const PICTURES = fileURLToPath(new globalThis.URL('../../../docs/console', import.meta.url))
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const URL = process.env.POSTERN_URL
export const SETUP = process.env.POSTERN_SETUP
export const THEMES = ['light', 'dark']
export const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }]
export const OWNER = 'olga@shop.example'
export const PASSWORD = 'correct-horse-battery'

/** The program, or null where there is none. */
export function findChromium() {
  return [process.env.CHROMIUM_BIN, ...PLACES].find((path) => path && existsSync(path)) ?? null
}

const opened = []

/** A browser whose end fails when any page of it complained: a refused style is a fault anywhere. */
export async function launch() {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  const close = browser.close.bind(browser)
  browser.close = async () => {
    await close()
    for (const page of opened) assertQuiet(page)
  }
  return browser
}

/** A page of a browser without cookies; `complaints` are the errors on its console. */
export async function openPage(browser) {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', viewport: SIZES[0] })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  page.complaints = []
  opened.push(page)
  // With the address: what a page refuses is told without saying where.
  page.on('console', (message) => {
    if (message.type() === 'error') page.complaints.push(`${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => page.complaints.push(String(error)))
  return page
}

/** No violation that axe knows, in both themes and at both widths; nothing wider than the window. */
export async function assertAccessible(page) {
  for (const colorScheme of THEMES) {
    for (const size of SIZES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      await page.evaluate(AXE)
      const violations = await page.evaluate(async () => {
        const found = await globalThis.axe.run(document)
        return found.violations.map((it) => ({ id: it.id, at: it.nodes.map((node) => `${node.target} ${node.failureSummary}`) }))
      })
      const what = `${page.url()} ${colorScheme} ${size.width}`
      assert.deepEqual(violations, [], what)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(width <= size.width, `${what} is ${width} wide`)
    }
  }
  await page.setViewportSize(SIZES[0])
}

/** Pictures of a page for docs/console: light, dark, and as a phone shows it. */
export async function shoot(page, name) {
  const path = (kind) => join(PICTURES, `${name}-${kind}.png`)
  await page.waitForLoadState('networkidle')
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(SIZES[0])
    await page.screenshot({ path: path(colorScheme) })
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize(SIZES[1])
  await page.screenshot({ path: path('390') })
  await page.setViewportSize(SIZES[0])
}

/** What a browser console should be: empty. The answers 4xx that a journey asks for are no fault. */
export function assertQuiet(page) {
  const faults = page.complaints.filter((it) => !/Failed to load resource.*\b4\d\d\b/.test(it))
  assert.deepEqual(faults, [])
}

export async function signIn(page, email = OWNER, password = PASSWORD) {
  await page.goto(`${URL}/console/login`)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${URL}/console`)
}

export async function setUp(page) {
  await page.getByLabel('E-mail address').fill(OWNER)
  await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD)
  await page.getByLabel('The password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create the owner' }).click()
  await page.waitForURL(`${URL}/console/start`)
}

/** Sets the project up, for journeys that begin after that. */
export async function setUpProject(browser) {
  const page = await openPage(browser)
  await page.goto(SETUP)
  await setUp(page)
  await page.context().close()
}

/** Signs a user of the app up; the answer is their session. */
export async function signUp(name, data = {}) {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const answer = await fetch(`${URL}/auth/v1/signup`, {
    method: 'POST',
    headers: { apikey: keys.anon, 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0' },
    body: JSON.stringify({ email: `${name}@mail.example`, password: PASSWORD, data }),
  })
  assert.equal(answer.status, 200, await answer.clone().text())
  return answer.json()
}

/** Asks the API as a user. */
export async function apiStatus(session) {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const headers = { apikey: keys.anon, authorization: `Bearer ${session.access_token}` }
  return (await fetch(`${URL}/auth/v1/user`, { headers })).status
}
