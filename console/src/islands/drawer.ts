/** A window narrower than this is covered by the drawer, and nothing else can be used meanwhile. */
const NARROW = '(max-width: 820px)'

declare const htmx: { process(element: Element): void } | undefined

interface Fetched {
  text: string
  /** Whether it is a row, and not the reason why there is none. */
  isRow: boolean
  /** Where the answer came from at last. */
  path: string
}

/**
 * `<pn-drawer over="id">` around an empty dialog: a row of the list in that element opens over the
 * list, under the row's own address. Esc and the browser's way back lead to the list as it was.
 * Without this script, and for every other click than a plain one, rows have pages of their own.
 */
class Drawer extends HTMLElement {
  #dialog!: HTMLDialogElement
  #list!: HTMLElement
  /** The address of the list while a row is open. */
  #back = ''
  #path = ''
  #asked: AbortController | undefined
  #isLeaving = false

  connectedCallback(): void {
    const list = document.getElementById(this.getAttribute('over') ?? '')
    const dialog = this.querySelector('dialog')
    if (!list || !dialog) return
    this.#list = list
    this.#dialog = dialog
    list.addEventListener('click', (event) => this.#follow(event))
    dialog.addEventListener('click', (event) => this.#press(event))
    dialog.addEventListener('submit', (event) => void this.#send(event))
    dialog.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      const at = event.target
      // There it empties the search.
      if (at instanceof HTMLInputElement && at.type === 'search' && at.value !== '') return
      event.preventDefault()
      this.#leave()
    })
    // The phone's own way back, where there is no key.
    dialog.addEventListener('cancel', (event) => {
      if (event.target !== dialog) return
      event.preventDefault()
      this.#leave()
    })
    document.addEventListener('keydown', this.#escape)
    document.addEventListener('htmx:before:history:restore', this.#restore)
    document.addEventListener('htmx:after:history:update', this.#moved)
  }

  disconnectedCallback(): void {
    document.removeEventListener('keydown', this.#escape)
    document.removeEventListener('htmx:before:history:restore', this.#restore)
    document.removeEventListener('htmx:after:history:update', this.#moved)
  }

  #links(): HTMLAnchorElement[] {
    return [...this.#list.querySelectorAll<HTMLAnchorElement>('tbody tr > th a[href]')]
  }

  #link(path: string): HTMLAnchorElement | undefined {
    return this.#links().find((it) => it.pathname === path)
  }

  #follow(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('tbody th a[href]') : null
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (this.#isDirty()) this.#warn()
    else void this.#open(link.pathname)
  }

  /** Opens a row, and puts its address in place; after a step through history it is there already. */
  async #open(path: string, isThere = false): Promise<void> {
    const fetched = await this.#fetch(path)
    if (!fetched) return
    if (!fetched.isRow) return location.assign(path)
    if (!isThere) {
      // The flag is htmx's: it restores these pages where this script is not.
      if (this.#dialog.open) history.replaceState({ htmx: true }, '', path)
      else {
        this.#back = location.pathname + location.search
        history.replaceState({ htmx: true }, '')
        history.pushState({ htmx: true }, '', path)
      }
    }
    this.#show(fetched.text, path)
  }

  #show(text: string, path: string): void {
    const dialog = this.#dialog
    // The server's own part, every value in it escaped.
    dialog.innerHTML = text
    htmx?.process(dialog)
    if (!dialog.open) {
      if (matchMedia(NARROW).matches) dialog.showModal()
      else dialog.show()
    }
    this.#path = path
    this.#isLeaving = false
    dialog.scrollTop = 0
    dialog.querySelector<HTMLElement>('#drawer-title')?.focus({ preventScroll: true })
    this.#mark()
  }

  /** Marks the row in the list, and says whether there is one above or below. */
  #mark(): void {
    const links = this.#links()
    const at = links.findIndex((it) => it.pathname === this.#path)
    links.forEach((it, index) => it.closest('tr')?.classList.toggle('open', this.#dialog.open && index === at))
    for (const button of this.#dialog.querySelectorAll<HTMLButtonElement>('[data-step]')) {
      button.disabled = at < 0 || !links[at + Number(button.dataset.step)]
    }
  }

  #press(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-step], [data-close], [data-discard]') : null
    if (!button) return
    if (button.dataset.step !== undefined) this.#step(Number(button.dataset.step))
    else if (button.dataset.discard !== undefined) this.#goBack()
    else this.#leave()
  }

  #step(by: number): void {
    const links = this.#links()
    const next = links[links.findIndex((it) => it.pathname === this.#path) + by]
    if (this.#isDirty()) this.#warn()
    else if (next) void this.#open(next.pathname)
  }

  /** Back to the list, unless that would lose what was typed. */
  #leave(): void {
    if (this.#isDirty()) this.#warn()
    else this.#goBack()
  }

  /** One step back through history, however often it is asked for. */
  #goBack(): void {
    if (!this.#isLeaving) history.back()
    this.#isLeaving = true
  }

  #close(): void {
    if (!this.#dialog.open) return
    this.#asked?.abort()
    this.#dialog.close()
    this.#mark()
    this.#dialog.replaceChildren()
    const link = this.#link(this.#path) ?? this.#links()[0]
    // In a grid a cell has the focus, and the link in it none.
    const cell = link?.closest<HTMLElement>('th[tabindex]')
    ;(cell ?? link)?.focus()
  }

  #isDirty(): boolean {
    const fields = this.#dialog.querySelectorAll<HTMLInputElement>('form.record [name^="v."], form.record [name^="n."]')
    return [...fields].some((it) => {
      if (it instanceof HTMLSelectElement) return [...it.options].some((option) => option.selected !== option.defaultSelected) && !isUntouched(it)
      return it.type === 'checkbox' ? it.checked !== it.defaultChecked : it.value !== it.defaultValue
    })
  }

  #warn(): void {
    const notice = this.#dialog.querySelector<HTMLElement>('[data-unsaved]')
    if (!notice) return
    notice.hidden = false
    notice.scrollIntoView({ block: 'nearest' })
    notice.querySelector('button')?.focus()
  }

  /** Sends a form of the drawer; what comes back is shown in it, or ends it with its row. */
  async #send(event: SubmitEvent): Promise<void> {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || form.method !== 'post') return
    event.preventDefault()
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(form, event.submitter)) body.append(name, String(value))
    const fetched = await this.#fetch(form.action, body)
    if (!fetched) return
    const old = this.#path
    if (fetched.isRow) {
      const path = fetched.path.replace(/\/delete$/, '')
      if (path !== old) history.replaceState({ htmx: true }, '', path)
      await this.#refresh(old, path)
      this.#show(fetched.text, path)
    } else if (fetched.path.includes('/rows/')) this.#refuse(fetched.text)
    else {
      await this.#refresh(old)
      this.#goBack()
    }
  }

  /** Why a form was not taken, above what was typed. */
  #refuse(text: string): void {
    const notice = document.createElement('div')
    notice.setAttribute('role', 'alert')
    this.#dialog.querySelector('.head')?.after(notice)
    notice.innerHTML = text
    notice.scrollIntoView({ block: 'center' })
  }

  /** A part of the console; none where the browser was led elsewhere instead. */
  async #fetch(address: string, body?: URLSearchParams): Promise<Fetched | null> {
    this.#asked?.abort()
    this.#asked = new AbortController()
    try {
      const headers = { 'HX-Request': 'true' }
      const answer = await fetch(address, { method: body ? 'POST' : 'GET', body, headers, signal: this.#asked.signal })
      const onward = answer.headers.get('HX-Redirect')
      if (onward) location.assign(onward)
      const text = await answer.text()
      return onward ? null : { text, isRow: text.includes('id="drawer-title"'), path: new URL(answer.url).pathname }
    } catch (error) {
      // Without an answer the browser says why; what is sent is not sent twice.
      if (!body && (error as Error).name !== 'AbortError') location.assign(address)
      return null
    }
  }

  /** Shows the row as the list has it now; without a new place it is gone, and the list is too. */
  async #refresh(old: string, path?: string): Promise<void> {
    const answer = await fetch(this.#back, { headers: { 'HX-Request': 'true' } }).catch(() => null)
    if (!answer?.ok) return
    const text = await answer.text()
    const row = this.#link(old)?.closest('tr')
    if (path === undefined && !this.#list.querySelector('.changed')) {
      this.#list.innerHTML = text
      htmx?.process(this.#list)
    } else if (path === undefined) row?.remove()
    else if (row) {
      const list = new DOMParser().parseFromString(text, 'text/html')
      const links = [...list.querySelectorAll<HTMLAnchorElement>('tbody tr > th a[href]')]
      const fresh = links.find((it) => new URL(it.getAttribute('href') ?? '', location.href).pathname === path)
      const now = fresh?.closest('tr')
      if (now) renew(row, now)
    }
  }

  #escape = (event: KeyboardEvent): void => {
    const isOurs = this.#dialog.open && !event.defaultPrevented && event.key === 'Escape'
    const at = event.target instanceof Element ? event.target : null
    if (isOurs && !at?.closest('dialog, [role=grid] input, [role=grid] select')) this.#leave()
  }

  /** The browser goes back or forth: between the list and its rows nothing is loaded anew. */
  #restore = (event: Event): void => {
    const { path } = (event as CustomEvent<{ path: string }>).detail
    const base = this.#back.split('?')[0]
    if (this.#dialog.open && path === this.#back) this.#close()
    else if (base !== '' && path.startsWith(`${base}/rows/`)) void this.#open(path.split('?')[0], true)
    else return
    event.preventDefault()
  }

  /** The list was narrowed or sorted behind the drawer: the address is the list's again. */
  #moved = (): void => {
    if (!this.#dialog.open || location.pathname.includes('/rows/')) return
    this.#dialog.close()
    this.#dialog.replaceChildren()
  }
}

/** Whether the first choice stands where none was said to be chosen. */
function isUntouched(select: HTMLSelectElement): boolean {
  return select.selectedIndex === 0 && ![...select.options].some((it) => it.defaultSelected)
}

/** Puts what a row holds now into the row of the page; what waits to be saved there stays. */
function renew(row: HTMLTableRowElement, fresh: HTMLTableRowElement): void {
  row.dataset.key = fresh.dataset.key ?? ''
  for (const [index, cell] of [...row.cells].entries()) {
    const now = fresh.cells[index]
    if (!now || cell.classList.contains('changed')) continue
    const wasTicked = cell.querySelector('input')?.checked ?? false
    cell.innerHTML = now.innerHTML
    cell.className = now.className
    for (const inside of cell.querySelectorAll<HTMLElement>('a, input')) {
      if (row.closest('[role=grid]')) inside.tabIndex = -1
      if (inside instanceof HTMLInputElement) inside.checked = wasTicked
    }
  }
}

customElements.define('pn-drawer', Drawer)
