// A real browser goes through the whole sign-in; the client finds its session when it comes back.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findChromium, openBrowser } from '../servers/browser.mjs'
import { admin, appUrl, keys, newUser, ok, oidcUrl, url } from '../support/clients.mjs'
import { account } from '../support/providers.mjs'
import { OIDC_PROVIDER } from '../support/settings.mjs'

const skip = findChromium() === null && 'no Chromium is installed'

let browser
before(async () => {
  if (!skip) browser = await openBrowser(appUrl)
})
after(() => browser?.close())

/** Starts the client in the page, as an app does; it looks for a session in its address. */
const start = (flowType) =>
  browser.page.evaluate(
    async ({ url, key, flowType }) => {
      window.app = supabase.createClient(url, key, { auth: { flowType, storageKey: `app-${flowType}` } })
      const { data } = await window.app.auth.getSession()
      return data.session?.user ?? null
    },
    { url, key: keys.publishable, flowType },
  )

async function signInAs(sub, flowType) {
  const { page } = browser
  await page.context().clearCookies()
  await page.context().addCookies([{ name: 'account', value: sub, url: oidcUrl }])
  await page.goto(appUrl)
  assert.equal(await start(flowType), null)
  await page.evaluate(
    ({ provider, back }) => {
      window.app.auth.signInWithOAuth({ provider, options: { redirectTo: back } })
    },
    { provider: OIDC_PROVIDER, back: `${appUrl}/done` },
  )
  await page.waitForURL(`${appUrl}/done**`)
  const came = page.url()
  return { came, user: await start(flowType) }
}

describe('a page in a browser', { skip, concurrency: 1 }, () => {
  for (const flowType of ['pkce', 'implicit']) {
    test(`signs in through a provider (${flowType})`, async () => {
      const { sub, email } = await account()

      const { came, user } = await signInAs(sub, flowType)

      assert.equal(user?.email, email)
      assert.match(came, flowType === 'pkce' ? /\?code=/ : /#access_token=/)
      assert.equal(new URL(browser.page.url()).hash.includes('access_token'), false)
    })
  }
  test('a person presses the button of a mailed link', async () => {
    const { page } = browser
    const { user, email } = await newUser()
    const { properties } = ok(
      await admin.generateLink({
        type: 'magiclink',
        email,
        options: { redirectTo: `${appUrl}/done` },
      }),
    )

    await page.goto(properties.action_link)
    const errors = []
    page.on('console', (it) => it.type() === 'error' && errors.push(it.text()))
    await page.locator('form [type=submit], form button').first().click()
    await page.waitForURL(`${appUrl}/done**`)

    assert.equal((await start('implicit'))?.id, user.id)
    assert.deepEqual(
      errors.filter((it) => /Content Security Policy/.test(it)),
      [],
    )
  })
})
