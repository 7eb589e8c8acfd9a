/** How cells of a column are typed: its values to choose from, and whether there may be none. */
export interface Edit {
  column: string
  choices: string[]
  nullable: boolean
}

type Cell = HTMLTableCellElement

/** The cells of a grid: which one has the focus, which ones are chosen, and what they hold. */
export class Cells {
  #table: HTMLTableElement
  #anchor: Cell | null = null
  #current: Cell

  constructor(table: HTMLTableElement) {
    this.#table = table
    table.setAttribute('role', 'grid')
    // Headings sort and rows open by their own links; within the rows one cell is the tab stop.
    for (const inside of table.querySelectorAll<HTMLElement>('tbody a, tbody input')) inside.tabIndex = -1
    for (const cell of table.querySelectorAll<Cell>('tbody th, tbody td')) cell.tabIndex = -1
    this.#current = table.tBodies[0].rows[0].cells[0]
    this.#current.tabIndex = 0
    table.addEventListener('focusin', (event) => this.#focus(this.of(event.target)))
    table.addEventListener('mousedown', (event) => {
      const cell = this.of(event.target)
      if (cell && event.shiftKey) this.#choose(this.#current, cell)
    })
  }

  /** The cell of the body that something stands in. */
  of(target: EventTarget | null): Cell | null {
    const cell = target instanceof Element ? target.closest<Cell>('tbody th, tbody td') : null
    return cell && this.#table.contains(cell) ? cell : null
  }

  /** The cell so many rows below and columns to the right. */
  beside(cell: Cell, down: number, right: number): Cell | null {
    const rows = this.#table.tBodies[0].rows
    const row = rows[(cell.parentElement as HTMLTableRowElement).sectionRowIndex + down]
    return row?.cells[cell.cellIndex + right] ?? null
  }

  /** The key of a cell's row. */
  key(cell: Cell): string {
    return (cell.parentElement as HTMLElement).dataset.key ?? ''
  }

  /** How a cell is typed; none where it is not. */
  edit(cell: Cell): Edit | null {
    const head = this.#table.tHead?.rows[0].cells[cell.cellIndex]
    const { column, edit, nullable } = head?.dataset ?? {}
    if (column === undefined || edit === undefined || cell.classList.contains('more')) return null
    return { column, choices: edit === '' ? [] : edit.split('|'), nullable: nullable !== undefined }
  }

  /** What a cell holds; null where there is no value. */
  value(cell: Cell): string | null {
    if (cell.classList.contains('null')) return null
    return cell.classList.contains('void') ? '' : (cell.textContent ?? '')
  }

  /** Shows a value in a cell. */
  show(cell: Cell, value: string | null): void {
    cell.classList.toggle('null', value === null)
    cell.classList.toggle('void', value === '')
    const mark = value === null ? 'null' : value === '' ? 'empty' : null
    if (mark === null) {
      cell.textContent = value
      return
    }
    const sign = document.createElement('i')
    sign.textContent = mark
    cell.replaceChildren(sign)
  }

  /** Moves the focus as a key says; whether the key says so. */
  move(cell: Cell, event: KeyboardEvent): boolean {
    const last = 1_000_000
    const far = event.ctrlKey || event.metaKey
    const steps: Record<string, [number, number]> = {
      ArrowDown: [far ? last : 1, 0], ArrowUp: [far ? -last : -1, 0],
      ArrowRight: [0, far ? last : 1], ArrowLeft: [0, far ? -last : -1],
      Home: [far ? -last : 0, -last], End: [far ? last : 0, last],
      PageDown: [12, 0], PageUp: [-12, 0],
    }
    const step = steps[event.key]
    if (!step) return false
    const body = this.#table.tBodies[0]
    const within = (at: number, count: number) => Math.min(Math.max(at, 0), count - 1)
    const row = body.rows[within((cell.parentElement as HTMLTableRowElement).sectionRowIndex + step[0], body.rows.length)]
    const next = row.cells[within(cell.cellIndex + step[1], row.cells.length)]
    const anchor = event.shiftKey ? (this.#anchor ?? cell) : null
    next.focus()
    if (anchor) this.#choose(anchor, next)
    return true
  }

  /** The chosen cells, or the one with the focus, with tabs and ends of lines between. */
  chosenText(): string | null {
    const chosen = [...this.#table.querySelectorAll<Cell>('.chosen')]
    const cells = chosen.length > 0 ? chosen : [this.#current]
    const lines = new Map<Element, string[]>()
    for (const cell of cells) {
      const row = cell.parentElement as HTMLElement
      const text = (this.value(cell) ?? '').replace(/[\t\r\n]+/g, ' ')
      lines.set(row, [...(lines.get(row) ?? []), text])
    }
    return [...lines.values()].map((line) => line.join('\t')).join('\n')
  }

  #focus(cell: Cell | null): void {
    if (!cell) return
    this.#choose(null, null)
    this.#current.tabIndex = -1
    this.#current = cell
    cell.tabIndex = 0
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  /** Chooses the rectangle between two cells. */
  #choose(from: Cell | null, to: Cell | null): void {
    this.#anchor = from
    for (const cell of this.#table.querySelectorAll('.chosen')) cell.classList.remove('chosen')
    if (!from || !to) return
    const at = (cell: Cell) => [(cell.parentElement as HTMLTableRowElement).sectionRowIndex, cell.cellIndex]
    const [[top, left], [bottom, right]] = [at(from), at(to)]
    for (let row = Math.min(top, bottom); row <= Math.max(top, bottom); row++) {
      for (let column = Math.min(left, right); column <= Math.max(left, right); column++) {
        this.#table.tBodies[0].rows[row].cells[column].classList.add('chosen')
      }
    }
  }
}
