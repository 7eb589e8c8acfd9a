// Chromium with a security key of its own, and the page that runs supabase-js in it.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { listen } from './listen.mjs'

const PLACES = [
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The program, or null where there is none. */
export function findChromium() {
  return [process.env.CHROMIUM_BIN, ...PLACES].find((path) => path && existsSync(path)) ?? null
}

/** Serves a page with supabase-js on `http://localhost:<port>`, an address that WebAuthn trusts. */
export async function startAppPage(port = 0) {
  const bundle = readFileSync(createRequire(import.meta.url).resolve('@supabase/supabase-js/dist/umd/supabase.js'))
  const page = '<!doctype html><meta charset="utf-8"><title>app</title><script src="/supabase.js"></script>'
  const server = createServer((request, response) => {
    const isScript = request.url === '/supabase.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? bundle : page)
  })
  const origin = await listen(server, { host: 'localhost', port })
  const stop = () => new Promise((done) => {
    server.close(done)
    server.closeAllConnections()
  })
  return { origin, stop }
}

/**
 * Opens `origin` in a new browser whose virtual authenticator says yes to everything: one that is
 * built in (`internal`), or a key that is plugged in (`usb`).
 */
export async function openBrowser(origin, transport = 'internal') {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  const page = await browser.newPage()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport, hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  })
  await page.goto(origin)
  return { page, cdp, authenticatorId, close: () => browser.close() }
}
