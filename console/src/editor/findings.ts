import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import type { Extension, Text } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'

export const showFindings: Extension = lintGutter()

/**
 * Marks what an element lists: `<li data-line="3" data-column="7" data-length="4"
 * data-severity="error">`, its text being the message. The list is what people read; what is
 * inside of the element is swapped by the server, and looked at again each time.
 */
export function watchFindings(view: EditorView, id: string): () => void {
  const look = (): void => view.dispatch(setDiagnostics(view.state, read(view.state.doc, id)))
  look()
  const host = document.getElementById(id)
  if (!host) return () => undefined
  const observer = new MutationObserver(look)
  observer.observe(host, { childList: true, subtree: true })
  return () => observer.disconnect()
}

function read(text: Text, id: string): Diagnostic[] {
  const items = document.getElementById(id)?.querySelectorAll<HTMLElement>('[data-severity][data-line]') ?? []
  return [...items].flatMap((it) => {
    const line = Number(it.dataset.line)
    if (!(line >= 1 && line <= text.lines)) return []
    const { from, to, length } = text.line(line)
    const start = Math.min(from + Math.max(Number(it.dataset.column ?? 1) - 1, 0), to)
    const wanted = Number(it.dataset.length ?? 0)
    const end = wanted > 0 ? Math.min(start + wanted, to) : to
    return [{
      from: length > 0 ? start : from,
      to: length > 0 ? Math.max(end, start) : to,
      severity: it.dataset.severity === 'warning' ? 'warning' : 'error',
      message: words(it),
      actions: mends(it).map(({ button, from: at, to: until, old, text: insert }) => ({
        name: button.textContent?.trim() ?? insert,
        apply: (view: EditorView) => { swap(view, at, until, old, insert) },
      })),
    }]
  })
}

/** What a finding says, without the buttons that mend it. */
function words(item: HTMLElement): string {
  const copy = item.cloneNode(true) as HTMLElement
  copy.querySelectorAll('[data-mends]').forEach((it) => it.remove())
  return copy.textContent?.replace(/\s+/g, ' ').trim() ?? ''
}

interface Mend { button: HTMLElement; from: number; to: number; old: string; text: string }

function mends(item: HTMLElement): Mend[] {
  return [...item.querySelectorAll<HTMLElement>('[data-mends]')].map(mendOf)
}

/** The edit that a button stands for. */
export function mendOf(button: HTMLElement): Mend {
  const { from, to, old, new: text } = button.dataset
  return { button, from: Number(from), to: Number(to), old: old ?? '', text: text ?? '' }
}

/** Replaces a text where it still stands; whether it did. */
export function swap(view: EditorView, from: number, to: number, old: string, insert: string): boolean {
  if (view.state.doc.sliceString(from, to) !== old) return false
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: 'input' })
  view.focus()
  return true
}
