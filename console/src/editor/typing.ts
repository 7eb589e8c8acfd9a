import { closeCompletion } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'

/**
 * Text that is typed over a selection. Chromium would dress it in the colours of what it replaces,
 * by an inline style that the page's policy forbids and reports, so the change is made here.
 */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { data, inputType, isComposing } = event
  const { main, ranges } = view.state.selection
  if (inputType !== 'insertText' || !data || isComposing || view.state.readOnly) return false
  if (ranges.every((it) => it.empty)) return false
  const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
  event.preventDefault()
  // Whoever has a say in typing, such as brackets that close around a selection, has it here too.
  const handlers = view.state.facet(EditorView.inputHandler)
  if (!handlers.some((it) => it(view, main.from, main.to, data, insert))) view.dispatch(insert())
  return true
}

export const typing: Extension = EditorView.domEventHandlers({
  beforeinput: typeOver,
  // What would be offered a moment later counts as well; CodeMirror closes only what is open.
  blur: (_, view) => { setTimeout(() => closeCompletion(view)) },
})
