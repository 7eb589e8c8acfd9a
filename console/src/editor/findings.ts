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
      message: it.textContent?.replace(/\s+/g, ' ').trim() ?? '',
    }]
  })
}
