// What a person does with a mailed link: look at its page, press its button.
import assert from 'node:assert/strict'

/** Looks at the page of a link. */
export async function open(link) {
  const response = await fetch(link, { redirect: 'manual', headers: { accept: 'text/html' } })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Looks at the page and presses its button; answers where that leads. */
export async function confirm(link) {
  const page = await open(link)
  if (page.headers.get('location')) return new URL(page.headers.get('location'), link)
  const [, form] = /<form([^>]*)>/i.exec(page.text) ?? assert.fail(`no form: ${page.text.slice(0, 300)}`)
  const action = unescape(/action="([^"]*)"/i.exec(form)?.[1] ?? link)
  const fields = [...page.text.matchAll(/<input[^>]+>/gi)]
    .map(([input]) => [/name="([^"]*)"/i.exec(input)?.[1], /value="([^"]*)"/i.exec(input)?.[1] ?? ''])
    .filter(([name]) => name)
    .map(([name, value]) => [name, unescape(value)])
  const response = await fetch(new URL(action, link), {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'text/html', origin: new URL(link).origin },
    body: new URLSearchParams(fields),
  })
  const text = await response.text()
  assert.equal(response.status, 303, text)
  return new URL(response.headers.get('location'), link)
}

const NAMED = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" }

function unescape(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16))
    return decimal ? String.fromCodePoint(Number(decimal)) : (NAMED[name] ?? whole)
  })
}
