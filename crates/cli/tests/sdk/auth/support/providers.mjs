// Signing in through a provider: what the app starts, what the person's browser does.
import { randomBytes } from 'node:crypto'
import { appUrl, ok, oidcUrl } from './clients.mjs'
import { Visitor, landing } from './visitor.mjs'
import { OIDC_PROVIDER } from './settings.mjs'

export const BACK = `${appUrl}/done`

/** Gives the provider an account; answers what it will claim. */
export async function account(claims = {}) {
  const sub = claims.sub ?? `sub-${randomBytes(6).toString('hex')}`
  const account = { sub, email: `${sub}@idp.example`, email_verified: true, name: 'Ada', ...claims }
  await fetch(`${oidcUrl}/control/accounts`, { method: 'POST', body: JSON.stringify(account) })
  return account
}

/** A browser whose owner is signed in at the provider as `sub`. */
export function browserOf(sub) {
  const visitor = new Visitor()
  if (sub) visitor.setCookie(oidcUrl, 'account', sub)
  return visitor
}

/** Walks from the app through the provider and back; answers what the app finds in its address. */
export async function signInThrough(app, { provider = OIDC_PROVIDER, visitor = browserOf(), options } = {}) {
  const { url } = ok(await app.auth.signInWithOAuth({
    provider, options: { redirectTo: BACK, skipBrowserRedirect: true, ...options },
  }))
  return walk(url, visitor)
}

/** Follows an address until it leads back into the app. */
export async function walk(address, visitor) {
  const { url, trail, response } = await visitor.follow(address, BACK)
  const text = response ? await response.text() : ''
  return { ...landing(url), url, trail, status: response?.status, text }
}
