import { closeCompletion } from '@codemirror/autocomplete'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { mendOf, showFindings, swap, watchFindings } from './findings'
import { language } from './languages'
import { lightUp, litLines } from './lines'
import { basics } from './basics'
import { theme } from './theme'

// The script stands in the document that the policy on styles came with; an element that was
// swapped in later carries the nonce of another answer.
const NONCE = document.currentScript?.nonce ?? ''

/**
 * `<pn-editor>` around a `<textarea>`: the same text in CodeMirror. The textarea stays in its form
 * and is what the form sends; without this script it is what people write in.
 *
 *   language     toml, sql or json
 *   words        id of a `<datalist>` whose options are offered while typing
 *   findings     id of an element whose `[data-severity]` items are marked in the text
 *   readonly     the text can be read and copied only
 *
 * The textarea fires `input` and `change` as it would by itself. Ctrl-Enter sends its form as
 * Enter in a field does: by the form's first button.
 */
export class Editor extends HTMLElement {
  private view: EditorView | undefined
  private stop: (() => void) | undefined

  connectedCallback(): void {
    const area = this.querySelector('textarea')
    if (!area || this.view) return
    this.view = new EditorView({
      state: EditorState.create({ doc: area.value, extensions: this.extensions(area) }),
    })
    area.hidden = true
    this.append(this.view.dom)
    this.dataset.ready = ''
    area.form?.addEventListener('reset', () => setTimeout(() => this.write(area.defaultValue)))
    // Running and saving are done with buttons of the form, by whatever means they are pressed.
    area.form?.addEventListener('click', (event) => {
      const isButton = event.target instanceof Element && event.target.closest('button')
      if (isButton && this.view) closeCompletion(this.view)
    })
    const findings = this.getAttribute('findings')
    if (findings) this.stop = watchFindings(this.view, findings)
  }

  disconnectedCallback(): void {
    this.stop?.()
    this.view?.destroy()
    this.view = undefined
  }

  /** The text as it is now. */
  get value(): string {
    return this.view?.state.doc.toString() ?? this.querySelector('textarea')?.value ?? ''
  }

  /** Replaces the text; undo brings the old one back. */
  write(text: string): void {
    const view = this.view
    if (!view || this.value === text) return
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
  }

  /** Puts the cursor on a line, counted from 1, and shows it. */
  goTo(line: number): void {
    const view = this.view
    if (!view || !(line >= 1 && line <= view.state.doc.lines)) return
    const anchor = view.state.doc.line(line).from
    view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    view.focus()
  }

  /** Makes the edit of a button; whether what it is about still stands there. */
  mend(button: HTMLElement): boolean {
    const { from, to, old, text } = mendOf(button)
    return this.view !== undefined && !this.hasAttribute('readonly') && swap(this.view, from, to, old, text)
  }

  /** Lights lines up, and none when there are none. */
  light(lines: number[]): void {
    if (this.view) lightUp(this.view, lines)
  }

  private extensions(area: HTMLTextAreaElement): Extension[] {
    const name = area.getAttribute('aria-label') ?? area.labels?.[0]?.textContent?.trim() ?? ''
    const isFixed = this.hasAttribute('readonly')
    const attributes: Record<string, string> = { 'aria-label': name, spellcheck: 'false', tabindex: '0' }
    const described = area.getAttribute('aria-describedby')
    if (described) attributes['aria-describedby'] = described
    if (isFixed) attributes['aria-readonly'] = 'true'
    return [
      EditorView.cspNonce.of(NONCE),
      basics(() => send(area.form)),
      language(this.getAttribute('language') ?? this.lang, this.getAttribute('words') ?? ''),
      EditorState.readOnly.of(isFixed),
      EditorView.editable.of(!isFixed),
      EditorView.contentAttributes.of(attributes),
      showFindings,
      litLines,
      theme,
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return
        area.value = update.state.doc.toString()
        area.dispatchEvent(new Event('input', { bubbles: true }))
      }),
      EditorView.domEventHandlers({
        blur: () => { area.dispatchEvent(new Event('change', { bubbles: true })) },
      }),
    ]
  }
}

customElements.define('pn-editor', Editor)

function send(form: HTMLFormElement | null): void {
  const buttons = [...form?.elements ?? []].filter((it) => it instanceof HTMLButtonElement)
  const first = buttons.find((it) => it.type === 'submit')
  if (first) first.click()
  else form?.requestSubmit()
}

/** The editor that something on the page speaks of by `data-editor`. */
function editorOf(target: EventTarget | null): [Editor, HTMLElement] | undefined {
  const it = target instanceof Element ? target.closest<HTMLElement>('[data-editor][data-line]') : null
  const editor = it && document.getElementById(it.dataset.editor ?? '')
  return it && editor instanceof Editor ? [editor, it] : undefined
}

// What mends a finding is an edit like any other: undo takes it back, and the text is checked again.
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-mends]') : null
  const editor = button && document.getElementById(button.dataset.mends ?? '')
  if (!button || !(editor instanceof Editor)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  editor.mend(button)
})

// Whatever names an editor and a line leads there, and lights the line up on the way.
document.addEventListener('click', (event) => {
  const found = editorOf(event.target)
  if (!found) return
  event.preventDefault()
  found[0].goTo(Number(found[1].dataset.line))
})
for (const [kind, isOver] of [['pointerover', true], ['focusin', true], ['pointerout', false], ['focusout', false]] as const) {
  document.addEventListener(kind, (event) => {
    const found = editorOf(event.target)
    if (found) found[0].light(isOver ? [Number(found[1].dataset.line)] : [])
  })
}
