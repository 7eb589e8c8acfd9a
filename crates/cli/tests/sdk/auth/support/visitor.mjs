// A browser without a screen: it keeps cookies, follows redirects, and stops where the app begins.

const REDIRECTS_MAX = 20

export class Visitor {
  #cookies = new Map()

  /** Sets a cookie as if the site at `origin` had. */
  setCookie(origin, name, value) {
    this.#jar(new URL(origin)).set(name, value)
  }

  /**
   * Follows redirects from `address` until one leads to an address that starts with `app`, which is
   * answered without being fetched: only it may see the fragment.
   */
  async follow(address, app) {
    let url = new URL(address)
    const trail = []
    while (trail.length < REDIRECTS_MAX) {
      trail.push(url.href)
      if (url.href.startsWith(app)) return { url, trail }
      const response = await this.fetch(url)
      const location = response.headers.get('location')
      if (!location) return { url, trail, response }
      await response.body?.cancel()
      url = new URL(location, url)
    }
    throw new Error(`redirected more than ${REDIRECTS_MAX} times:\n${trail.join('\n')}`)
  }

  /** One request with this visitor's cookies, no redirect followed. */
  async fetch(address, init = {}) {
    const url = new URL(address)
    const cookie = [...this.#jar(url)].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...(cookie ? { cookie } : {}), ...init.headers }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#keep(url, line)
    return response
  }

  #keep(url, line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
    const isGone = value === '' || /expires=Thu, 01 Jan 1970|max-age=0/i.test(line)
    isGone ? this.#jar(url).delete(name) : this.#jar(url).set(name, value)
  }

  /** Cookies do not know ports; origins are told apart here, so that no server sees another's. */
  #jar(url) {
    if (!this.#cookies.has(url.origin)) this.#cookies.set(url.origin, new Map())
    return this.#cookies.get(url.origin)
  }
}

/** What an app finds in the address that it was sent back to. */
export function landing(url) {
  return {
    query: Object.fromEntries(url.searchParams),
    fragment: Object.fromEntries(new URLSearchParams(url.hash.slice(1))),
  }
}
