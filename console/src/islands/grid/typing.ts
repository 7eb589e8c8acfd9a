import type { Cells } from './cells'

/** What stands for "there is no value" in a list of choices. */
const NONE = '\u0000'

/**
 * Puts an input into a cell. `done` is told the new value, or nothing where it was given up; the
 * cell then shows what it showed before.
 */
export function typeInto(
  cell: HTMLTableCellElement,
  cells: Cells,
  done: (value?: string | null) => void,
): void {
  const edit = cells.edit(cell)
  if (!edit) return
  const before = cells.value(cell)
  const input = edit.choices.length > 0 ? choice(edit.choices, edit.nullable, before) : line(before)
  input.setAttribute('aria-label', edit.column)
  cell.classList.add('typing')
  cell.replaceChildren(input)
  input.focus()
  if (input instanceof HTMLInputElement) input.select()
  let isOver = false
  const end = (isKept: boolean) => {
    if (isOver) return
    isOver = true
    cell.classList.remove('typing')
    const typed = input.value === NONE ? null : input.value
    // Nothing was there, and nothing was typed: that is no change to an empty text.
    const value = before === null && typed === '' ? null : typed
    cells.show(cell, before)
    done(isKept && value !== before ? value : undefined)
  }
  input.addEventListener('blur', () => end(true))
  input.addEventListener('keydown', (event) => {
    const { key } = event as KeyboardEvent
    if (key === 'Enter' || key === 'Escape') {
      event.preventDefault()
      end(key === 'Enter')
    }
    event.stopPropagation()
  })
}

function line(before: string | null): HTMLInputElement {
  const input = document.createElement('input')
  input.value = before ?? ''
  input.autocomplete = 'off'
  input.spellcheck = false
  return input
}

function choice(choices: string[], nullable: boolean, before: string | null): HTMLSelectElement {
  const select = document.createElement('select')
  for (const it of choices) select.add(new Option(it, it))
  if (nullable || before === null) select.add(new Option('null', NONE), 0)
  select.value = before ?? NONE
  return select
}
