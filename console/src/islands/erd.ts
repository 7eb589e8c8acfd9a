/** Sizes that the map may have, as shares of its own. */
const SMALLEST = 0.2
const LARGEST = 2
const STEP = 1.25
/** A pointer that moved less than this was a click. */
const STILL = 4

/**
 * `<pn-erd>` around the drawing of a schema: it is dragged about, made larger and smaller with
 * Ctrl and the wheel, with buttons, or with `+`, `-` and `0`, and the table under the pointer or the
 * focus stands out with all that it is related to. Without this script it scrolls.
 */
class Erd extends HTMLElement {
  #sheet!: HTMLElement
  #svg!: SVGSVGElement
  #size = 1
  #moved = 0

  connectedCallback(): void {
    const sheet = this.querySelector<HTMLElement>('.erd')
    const svg = sheet?.querySelector('svg')
    if (!sheet || !svg) return
    this.#sheet = sheet
    this.#svg = svg
    const buttons = this.querySelector<HTMLElement>('.zoom')
    if (buttons) buttons.hidden = false
    buttons?.addEventListener('click', (event) => {
      const how = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-zoom]')?.dataset.zoom : undefined
      if (how) this.#zoom(how)
    })
    sheet.addEventListener('keydown', (event) => {
      const how = { '+': 'in', '=': 'in', '-': 'out', '0': 'whole' }[event.key]
      if (!how || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      this.#zoom(how)
    })
    sheet.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const box = sheet.getBoundingClientRect()
      this.#scale(this.#size * Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top)
    }, { passive: false })
    this.#drag()
    for (const name of ['pointerover', 'focusin']) svg.addEventListener(name, (event) => this.#look(event.target))
    for (const name of ['pointerleave', 'focusout']) svg.addEventListener(name, () => this.#look(null))
    svg.querySelector('.middle')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }

  #natural(): { width: number, height: number } {
    return this.#svg.viewBox.baseVal
  }

  #zoom(how: string): void {
    const sheet = this.#sheet
    const { width, height } = this.#natural()
    const whole = Math.min(sheet.clientWidth / width, sheet.clientHeight / height, 1)
    const next = how === 'whole' ? whole : this.#size * (how === 'in' ? STEP : 1 / STEP)
    this.#scale(next, sheet.clientWidth / 2, sheet.clientHeight / 2)
  }

  /** Changes the size; the point of the map that is at x, y of the window stays there. */
  #scale(wanted: number, x: number, y: number): void {
    const sheet = this.#sheet
    const size = Math.min(Math.max(wanted, SMALLEST), LARGEST)
    const { width, height } = this.#natural()
    const left = (sheet.scrollLeft + x) / this.#size
    const top = (sheet.scrollTop + y) / this.#size
    this.#size = size
    this.#svg.setAttribute('width', String(Math.round(width * size)))
    this.#svg.setAttribute('height', String(Math.round(height * size)))
    sheet.scrollTo(left * size - x, top * size - y)
  }

  #drag(): void {
    const sheet = this.#sheet
    sheet.addEventListener('pointerdown', (event) => {
      // Fingers scroll by themselves.
      if (event.button !== 0 || event.pointerType === 'touch') return
      this.#moved = 0
      const held = new AbortController()
      const end = () => {
        held.abort()
        sheet.classList.remove('held')
      }
      document.addEventListener('pointermove', (move) => {
        this.#moved += Math.abs(move.movementX) + Math.abs(move.movementY)
        if (this.#moved < STILL) return
        sheet.classList.add('held')
        sheet.scrollBy(-move.movementX, -move.movementY)
      }, { signal: held.signal })
      document.addEventListener('pointerup', end, { signal: held.signal })
      document.addEventListener('pointercancel', end, { signal: held.signal })
    })
    sheet.addEventListener('dragstart', (event) => event.preventDefault())
    // The end of a drag over a link is no click on it.
    sheet.addEventListener('click', (event) => {
      if (this.#moved >= STILL) event.preventDefault()
      this.#moved = 0
    }, { capture: true })
  }

  /** Lets a table stand out with its keys and what they lead to. */
  #look(target: EventTarget | null): void {
    const table = target instanceof Element ? target.closest<SVGElement>('[data-table]') : null
    const index = table?.dataset.table
    const near = new Set([index])
    for (const key of this.#svg.querySelectorAll<SVGElement>('.key')) {
      const { from, to } = key.dataset
      const isNear = index !== undefined && (from === index || to === index)
      key.classList.toggle('near', isNear)
      if (isNear) near.add(from).add(to)
    }
    this.#svg.classList.toggle('looked', index !== undefined)
    for (const other of this.#svg.querySelectorAll<SVGElement>('[data-table]')) {
      other.classList.toggle('near', near.has(other.dataset.table))
    }
  }
}

customElements.define('pn-erd', Erd)
