/**
 * `<pn-grid action token>` around the rows of a table: arrow keys move, Enter types, Esc gives up,
 * Ctrl+C and Ctrl+V copy and paste cells with tabs between, as spreadsheets do. What was changed
 * waits in a bar until it is saved. Without this script the rows' own pages do the same.
 */
import { Cells } from './grid/cells'
import { Changes } from './grid/changes'
import { typeInto } from './grid/typing'

class Grid extends HTMLElement {
  #cells!: Cells
  #changes!: Changes

  connectedCallback(): void {
    const table = this.querySelector<HTMLTableElement>('.cells table')
    const bar = this.querySelector<HTMLElement>('[data-bar]')
    if (!table || !bar) return
    this.#cells = new Cells(table)
    this.#changes = new Changes(this.#cells, bar, {
      action: this.getAttribute('action') ?? '',
      token: this.getAttribute('token') ?? '',
    })
    table.addEventListener('keydown', (event) => this.#key(event))
    table.addEventListener('dblclick', (event) => this.#type(this.#cells.of(event.target)))
    table.addEventListener('copy', (event) => this.#copy(event))
    table.addEventListener('paste', (event) => this.#paste(event))
    this.addEventListener('change', () => this.#tally())
    window.addEventListener('beforeunload', (event) => {
      if (this.isConnected && this.#changes.size > 0) event.preventDefault()
    })
  }

  #key(event: KeyboardEvent): void {
    const cell = this.#cells.of(event.target)
    if (!cell || event.target !== cell) return
    if (event.key === 'Enter' || event.key === 'F2') {
      const link = cell.querySelector('a')
      if (link && event.key === 'Enter') link.click()
      else this.#type(cell)
    } else if (event.key === ' ') {
      cell.parentElement?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click()
    } else if (event.key === 'Escape') {
      this.#changes.forget(cell)
    } else if (!this.#cells.move(cell, event)) {
      return
    }
    event.preventDefault()
  }

  #type(cell: HTMLTableCellElement | null): void {
    if (!cell || !this.#cells.edit(cell)) return
    typeInto(cell, this.#cells, (value) => {
      if (value !== undefined) this.#changes.set(cell, value)
      cell.focus()
    })
  }

  #copy(event: ClipboardEvent): void {
    const text = this.#cells.chosenText()
    if (text === null || !event.clipboardData || String(getSelection()) !== '') return
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
  }

  #paste(event: ClipboardEvent): void {
    const from = this.#cells.of(event.target)
    const text = event.clipboardData?.getData('text/plain')
    if (!from || event.target !== from || !text) return
    const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
    lines.forEach((line, down) => line.split('\t').forEach((value, right) => {
      const cell = this.#cells.beside(from, down, right)
      if (cell && this.#cells.edit(cell)) this.#changes.set(cell, value)
    }))
    event.preventDefault()
  }

  /** How many rows are ticked. */
  #tally(): void {
    const ticked = this.querySelectorAll('input[name=key]:checked').length
    const tally = this.querySelector('[data-selected]')
    if (tally) tally.textContent = ticked > 0 ? String(ticked) : ''
  }
}

customElements.define('pn-grid', Grid)
