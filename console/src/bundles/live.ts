// Follows the log: htmx's extension for server-sent events, and a bound on what a page holds.
import 'htmx.org/dist/ext/hx-sse.js'

declare const htmx: { process(element: Element): void }

/** Most rows that stay on the page. */
const ROWS_MAX = 500

const lines = document.getElementById('lines')
const form = document.querySelector('.filters')
// Where htmx has looked at the page before this file came, it looks again; else it will.
if (lines && form && '_htmx' in form) htmx.process(lines)

document.addEventListener('htmx:sse:after:message', () => {
  const rows = document.getElementById('lines')
  while (rows && rows.children.length > ROWS_MAX) rows.lastElementChild?.remove()
})

/** The server says why it ends, in words. */
document.addEventListener('end', (event) => {
  const said = document.querySelector('#live span')
  const { data } = (event as CustomEvent<{ data?: string }>).detail ?? {}
  if (said && data) said.textContent = data
})
