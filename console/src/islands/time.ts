/** The console speaks English; which kind of it the reader prefers decides the order of a date. */
const ENGLISH = navigator.languages.find((it) => it.startsWith('en')) ?? 'en-GB'

/**
 * `<pn-time>` around a `<time>`: shows the moment in the reader's zone, and keeps the exact one
 * as its title. With `exact` it tells seconds, and leaves the year out.
 * Without a script the server's UTC text stays.
 */
class Time extends HTMLElement {
  connectedCallback(): void {
    const time = this.querySelector('time')
    const moment = new Date(time?.dateTime ?? '')
    if (!time || Number.isNaN(moment.getTime())) return
    time.title = `${time.dateTime}`
    time.textContent = new Intl.DateTimeFormat(ENGLISH, {
      ...(this.hasAttribute('exact') ? { second: '2-digit' } : { year: 'numeric' }),
      month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit',
    }).format(moment)
  }
}

customElements.define('pn-time', Time)
