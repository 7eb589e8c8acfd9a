import type { Cells } from './cells'

type Cell = HTMLTableCellElement

interface Change {
  was: string | null
  value: string | null
}

interface Saved {
  key: string
  saved: boolean
  message: string
}

/** What was changed and not saved yet, and the bar that says so. */
export class Changes {
  #cells: Cells
  #bar: HTMLElement
  #target: { action: string, token: string }
  #changes = new Map<Cell, Change>()

  constructor(cells: Cells, bar: HTMLElement, target: { action: string, token: string }) {
    this.#cells = cells
    this.#bar = bar
    this.#target = target
    this.#part('[data-save]').addEventListener('click', () => void this.#save())
    this.#part('[data-discard]').addEventListener('click', () => {
      for (const cell of [...this.#changes.keys()]) this.forget(cell)
    })
  }

  get size(): number {
    return this.#changes.size
  }

  /** Changes a cell. */
  set(cell: Cell, value: string | null): void {
    const was = this.#changes.has(cell) ? this.#changes.get(cell)!.was : this.#cells.value(cell)
    if (value === was) {
      this.forget(cell)
      return
    }
    this.#changes.set(cell, { was, value })
    this.#cells.show(cell, value)
    cell.classList.remove('bad')
    cell.classList.add('changed')
    this.#tell()
  }

  /** Shows again what a cell held. */
  forget(cell: Cell): void {
    const change = this.#changes.get(cell)
    if (!change) return
    this.#changes.delete(cell)
    this.#cells.show(cell, change.was)
    cell.classList.remove('changed', 'bad')
    this.#tell()
  }

  async #save(): Promise<void> {
    const rows = new Map<string, { column: string, was: string | null, value: string | null }[]>()
    for (const [cell, change] of this.#changes) {
      const column = this.#cells.edit(cell)?.column ?? ''
      const key = this.#cells.key(cell)
      rows.set(key, [...(rows.get(key) ?? []), { column, ...change }])
    }
    const body = new URLSearchParams({
      form: this.#target.token,
      rows: JSON.stringify([...rows].map(([key, cells]) => ({ key, cells }))),
    })
    const answer = await fetch(this.#target.action, { method: 'POST', body, redirect: 'error' }).catch(() => null)
    // Whatever else came, such as the end of the session, is told by the page itself.
    if (!answer?.ok) {
      location.reload()
      return
    }
    this.#settle(await answer.json() as Saved[])
  }

  #settle(answers: Saved[]): void {
    const troubles = answers.filter((it) => !it.saved)
    for (const cell of [...this.#changes.keys()]) {
      const answer = answers.find((it) => it.key === this.#cells.key(cell))
      if (answer?.saved) {
        this.#changes.delete(cell)
        cell.classList.remove('changed', 'bad')
      } else if (answer) {
        cell.classList.add('bad')
        cell.title = answer.message
      }
    }
    this.#tell()
    this.#part('[data-troubles]').replaceChildren(...troubles.map((it) => {
      const line = document.createElement('li')
      line.textContent = `${it.key}: ${it.message}`
      return line
    }))
  }

  #tell(): void {
    this.#bar.hidden = this.#changes.size === 0
    this.#part('[data-count]').textContent = String(this.#changes.size)
    this.#part('[data-troubles]').replaceChildren()
  }

  #part(selector: string): HTMLElement {
    return this.#bar.querySelector<HTMLElement>(selector)!
  }
}
