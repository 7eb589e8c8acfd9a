/**
 * `<pn-chart from step slots label>` around a table of numbers over time: draws the columns of each
 * `data-plot` above it. The table stays what it is, for whoever does not look at pictures.
 */
import uPlot from 'uplot'

const ENGLISH = navigator.languages.find((it) => it.startsWith('en')) ?? 'en-GB'
/** Heights in pixels: the first plot is what people look for. */
const HEIGHTS = [140, 104]
/** Whole numbers that an axis may step by. */
const WHOLE = [1, 2, 5].flatMap((it) => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6].map((ten) => it * ten)).sort((a, b) => a - b)
const DAY = 86_400

interface Series {
  name: string
  plot: string
  shape: string
  tint: string
  /** What the table says, slot by slot. */
  values: (number | null)[]
  texts: string[]
}

class Chart extends HTMLElement {
  #plots: uPlot[] = []
  #drawn: HTMLElement[] = []
  #sized = new ResizeObserver(() => this.#size())
  #themed = new MutationObserver(() => this.#draw())
  #dark = matchMedia('(prefers-color-scheme: dark)')
  #redraw = () => this.#draw()

  connectedCallback(): void {
    this.#draw()
    this.#sized.observe(this)
    this.#themed.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    this.#dark.addEventListener('change', this.#redraw)
    void document.fonts.ready.then(this.#redraw)
  }

  disconnectedCallback(): void {
    this.#sized.disconnect()
    this.#themed.disconnect()
    this.#dark.removeEventListener('change', this.#redraw)
    this.#clear()
  }

  #clear(): void {
    for (const plot of this.#plots.splice(0)) plot.destroy()
    for (const drawn of this.#drawn.splice(0)) drawn.remove()
  }

  #size(): void {
    const width = this.clientWidth
    for (const plot of this.#plots) {
      if (width > 0 && plot.width !== width) plot.setSize({ width, height: plot.height })
    }
  }

  #draw(): void {
    const table = this.querySelector('table')
    if (!table || !this.isConnected) return
    this.#clear()
    const series = read(table, this.#number('slots'))
    const names = [...new Set(series.map((it) => it.plot))]
    const ink = inks(this)
    const sync = uPlot.sync(`${this.getAttribute('label')}`)
    names.forEach((name, index) => {
      const own = series.filter((it) => it.plot === name)
      const place = document.createElement('div')
      place.className = 'plot'
      const legend = new Legend(own, this.#number('from'), this.#number('step'))
      const canvas = document.createElement('div')
      canvas.setAttribute('role', 'img')
      canvas.setAttribute('aria-label', `${this.getAttribute('label')}: ${own.map((it) => it.name).join(', ')}`)
      place.append(legend.element, canvas)
      this.insertBefore(place, this.querySelector('details'))
      this.#drawn.push(place)
      const height = HEIGHTS[Math.min(index, HEIGHTS.length - 1)]
      const size = { width: this.clientWidth || 300, height }
      this.#plots.push(new uPlot({ ...size, ...this.#options(own, ink, legend, sync) }, this.#data(own), canvas))
    })
  }

  #number(name: string): number {
    return Number(this.getAttribute(name)) || 0
  }

  #data(own: Series[]): uPlot.AlignedData {
    const [from, step] = [this.#number('from'), this.#number('step')]
    // A bar stands in the middle of its slot.
    const times = own[0].values.map((_, slot) => from + (slot + 0.5) * step)
    return [times, ...own.map((_, index) => drawn(own, index))]
  }

  #options(own: Series[], ink: Inks, legend: Legend, sync: uPlot.SyncPubSub): Omit<uPlot.Options, 'width' | 'height'> {
    const [from, step, slots] = [this.#number('from'), this.#number('step'), this.#number('slots')]
    const axis = { stroke: ink.text, font: ink.font, ticks: { show: false } }
    const isWhole = own[0].shape === 'bars'
    const bars = uPlot.paths.bars!({ size: [0.75, 24], radius: 0.1 })
    return {
      legend: { show: false },
      padding: [8, 20, 0, 0],
      cursor: {
        y: false, drag: { x: false, y: false }, points: { show: false },
        sync: { key: sync.key, setSeries: false },
      },
      scales: {
        x: { time: true, range: () => [from, from + slots * step] },
        y: { range: (_, __, max) => [0, Math.max(max ?? 0, 1) * 1.05] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 28, space: 64, values: (_, splits) => splits.map((it) => clock(it, step, slots)) },
        { ...axis, grid: { stroke: ink.line, width: 1 }, size: 44, space: 36, ...(isWhole ? { incrs: WHOLE } : {}) },
      ],
      series: [{}, ...own.map((it): uPlot.Series => ({
        label: it.name,
        stroke: it.shape === 'line' ? ink.tints[it.tint] : undefined,
        fill: it.shape === 'line' ? undefined : ink.tints[it.tint],
        width: it.shape === 'line' ? 1.5 : 0,
        paths: it.shape === 'line' ? undefined : bars,
        points: { show: it.shape === 'line', size: 4, width: 0, fill: ink.tints[it.tint] },
        spanGaps: false,
      }))],
      hooks: { setCursor: [(plot) => legend.show(plot.cursor.idx ?? null)] },
    }
  }
}

/** The names of the series, and what the slot under the pointer holds. */
class Legend {
  readonly element = document.createElement('p')
  #series: Series[]
  #values: HTMLElement[] = []
  #time = document.createElement('time')
  #from: number
  #step: number

  constructor(series: Series[], from: number, step: number) {
    this.#series = series
    this.#from = from
    this.#step = step
    this.element.className = 'legend'
    // The table says the same.
    this.element.setAttribute('aria-hidden', 'true')
    for (const it of series) {
      const name = document.createElement('span')
      name.dataset.tint = it.tint
      const value = document.createElement('b')
      name.append(`${it.name} `, value)
      this.#values.push(value)
      this.element.append(name)
    }
    this.element.append(this.#time)
  }

  show(slot: number | null): void {
    this.#series.forEach((it, index) => {
      this.#values[index].textContent = slot === null ? '' : it.texts[slot]
    })
    const at = new Date((this.#from + (slot ?? 0) * this.#step) * 1000)
    const seconds = this.#step < 60 ? { second: '2-digit' as const } : {}
    this.#time.textContent = slot === null ? '' : at.toLocaleString(ENGLISH, {
      month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', ...seconds,
    })
  }
}

/** The columns of the table, with nothing where it has no row. */
function read(table: HTMLTableElement, slots: number): Series[] {
  const heads = [...table.tHead!.rows[0].cells].slice(1)
  const series = heads.map((head): Series => ({
    name: head.textContent ?? '',
    plot: head.dataset.plot ?? '',
    shape: head.dataset.shape ?? 'line',
    tint: head.dataset.tint ?? 'accent',
    values: Array.from({ length: slots }, () => head.dataset.shape === 'line' ? null : 0),
    texts: Array.from({ length: slots }, () => head.dataset.shape === 'line' ? '–' : '0'),
  }))
  for (const row of table.tBodies[0].rows) {
    const slot = Number(row.dataset.slot)
    series.forEach((it, index) => {
      const cell = row.cells[index + 1]
      if (cell?.dataset.value === undefined) return
      it.values[slot] = Number(cell.dataset.value)
      it.texts[slot] = cell.textContent ?? ''
    })
  }
  return series
}

/** What is drawn of a series: parts stand on each other, the last one on the ground. */
function drawn(own: Series[], index: number): (number | null)[] {
  if (own[index].shape !== 'part') return own[index].values
  const parts = own.slice(index).filter((it) => it.shape === 'part')
  return own[index].values.map((_, slot) => parts.reduce((sum, it) => sum + (it.values[slot] ?? 0), 0))
}

interface Inks {
  text: string
  line: string
  font: string
  tints: Record<string, string>
}

/** The tokens as a canvas understands them. */
function inks(place: HTMLElement): Inks {
  const probe = document.createElement('i')
  probe.hidden = true
  place.append(probe)
  const colour = (token: string) => {
    probe.style.color = `var(--${token})`
    return getComputedStyle(probe).color
  }
  const found = {
    text: colour('ink-3'),
    line: colour('line'),
    font: `12px ${getComputedStyle(place).fontFamily}`,
    tints: Object.fromEntries(['accent', 'warn', 'deny'].map((it) => [it, colour(it)])),
  }
  probe.remove()
  return found
}

/** A time as the axis says it: with a date where the chart is longer than a day. */
function clock(secs: number, step: number, slots: number): string {
  const wish: Intl.DateTimeFormatOptions = step * slots > DAY
    ? { month: 'short', day: 'numeric', ...(step < DAY / 2 ? { hour: '2-digit' } : {}) }
    : { hour: '2-digit', minute: '2-digit', ...(step * slots < 300 ? { second: '2-digit' } : {}) }
  return new Date(secs * 1000).toLocaleString(ENGLISH, wish)
}

customElements.define('pn-chart', Chart)
