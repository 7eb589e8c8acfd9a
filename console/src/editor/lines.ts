import { StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

const set = StateEffect.define<number[]>()
const lit = Decoration.line({ class: 'cm-lit' })

/** Lines that something beside the editor speaks of at the moment. */
export const litLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    let next = lines.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(set)) continue
      const { doc } = transaction.state
      const known = effect.value.filter((it) => it >= 1 && it <= doc.lines)
      next = Decoration.set(known.map((it) => lit.range(doc.line(it).from)), true)
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

export function lightUp(view: EditorView, lines: number[]): void {
  view.dispatch({ effects: set.of(lines) })
}
