/** Whether keys without Ctrl lead around; people who speak to their computer switch them off. */
const SWITCH = 'postern.keys'
/** How long a `g` waits for its letter. */
const WAITS = 1500

/**
 * `<pn-palette>` around the link to the palette's page and an empty dialog: Ctrl or Cmd with K opens
 * the same answers in the dialog, `?` the keys, and `g` with a letter leads to a page of the rail.
 * Arrows move through the answers, which are links.
 */
class Palette extends HTMLElement {
  private link!: HTMLAnchorElement
  private dialog!: HTMLDialogElement
  private input!: HTMLInputElement
  private answers!: HTMLElement
  private asked: AbortController | undefined
  private timer = 0
  private armed = 0

  connectedCallback(): void {
    const find = <T extends Element>(what: string) => this.querySelector<T>(what)!
    this.link = find('a')
    this.dialog = find('dialog')
    this.input = find('input')
    this.answers = find('.answers')
    this.link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      this.open()
    })
    this.input.addEventListener('input', () => {
      clearTimeout(this.timer)
      this.timer = window.setTimeout(() => this.ask(), 120)
    })
    this.dialog.addEventListener('keydown', (event) => this.move(event))
    this.dialog.addEventListener('submit', (event) => {
      event.preventDefault()
      this.links()[0]?.click()
    })
    this.dialog.addEventListener('click', (event) => { if (event.target === this.dialog) this.dialog.close() })
    document.addEventListener('keydown', (event) => this.hear(event))
  }

  private open(): void {
    this.input.form!.hidden = false
    this.input.value = ''
    this.answers.replaceChildren()
    if (!this.dialog.open) this.dialog.showModal()
    this.input.focus()
    this.ask()
  }

  private async openKeys(): Promise<void> {
    this.input.form!.hidden = true
    if (await this.show(this.dataset.keys ?? '')) this.dialog.showModal()
  }

  private ask(): void {
    void this.show(`${this.link.pathname}?q=${encodeURIComponent(this.input.value)}`)
  }

  private async show(address: string): Promise<boolean> {
    this.asked?.abort()
    this.asked = new AbortController()
    try {
      const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, signal: this.asked.signal })
      const onward = answer.headers.get('HX-Redirect')
      if (onward) location.assign(onward)
      if (onward || !answer.ok) return false
      // The server's own page, every name in it escaped.
      this.answers.innerHTML = await answer.text()
      return true
    } catch {
      // A later question, or no network: what is shown stays.
      return false
    }
  }

  private links(): HTMLAnchorElement[] {
    return [...this.answers.querySelectorAll('a')]
  }

  private move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const stops = [this.input, ...this.links()]
    const at = stops.indexOf(document.activeElement as HTMLInputElement)
    stops[(at + step + stops.length) % stops.length]?.focus()
  }

  private hear(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      this.open()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (this.dialog.open || isField(event.target) || localStorage.getItem(SWITCH) === 'off') return
    this.hearLetter(event)
  }

  private hearLetter(event: KeyboardEvent): void {
    const isSecond = Date.now() - this.armed < WAITS
    this.armed = 0
    if (isSecond) {
      const link = document.querySelector<HTMLAnchorElement>(`.rail a[data-go="${CSS.escape(event.key)}"]`)
      if (link) {
        event.preventDefault()
        location.assign(link.href)
      }
    } else if (event.key === 'g') this.armed = Date.now()
    else if (event.key === '?') void this.openKeys()
    else if (event.key === '/') {
      const search = document.querySelector<HTMLInputElement>('main input[type=search]')
      if (!search) return
      event.preventDefault()
      search.focus()
    }
  }
}

/** Whether keys belong to what has the focus. */
function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select, [role=grid] *'))
}

/** `<pn-keys>`: the button that switches keys without Ctrl off and on. */
class Keys extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector('button')
    if (!button) return
    this.hidden = false
    const isOff = () => localStorage.getItem(SWITCH) === 'off'
    const say = () => { button.textContent = (isOff() ? button.dataset.on : button.dataset.off) ?? '' }
    button.addEventListener('click', () => {
      if (isOff()) localStorage.removeItem(SWITCH)
      else localStorage.setItem(SWITCH, 'off')
      say()
    })
    say()
  }
}

customElements.define('pn-keys', Keys)
customElements.define('pn-palette', Palette)
