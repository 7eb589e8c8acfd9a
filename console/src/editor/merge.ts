import { StreamLanguage } from '@codemirror/language'
import { toml } from '@codemirror/legacy-modes/mode/toml'
import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { theme } from './theme'

const NONCE = document.currentScript?.nonce ?? ''
/** Narrower than this, the two texts do not stand beside each other, in pixels. */
const WIDE = 820
/** Lines that stay around a change; more of what is the same folds. */
const COLLAPSE = { margin: 3, minSize: 6 }

const looks = EditorView.theme({
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--deny-soft)' },
  '&.cm-merge-b .cm-changedLine, &.cm-merge-b .cm-inlineChangedLine': { backgroundColor: 'var(--allow-soft)' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'none', textDecoration: 'underline', textDecorationColor: 'var(--deny)',
  },
  '&.cm-merge-b .cm-changedText': { background: 'none', textDecoration: 'underline', textDecorationColor: 'var(--allow)' },
  '&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter': { background: 'var(--deny)' },
  '&.cm-merge-b .cm-changedLineGutter': { background: 'var(--allow)' },
  '.cm-collapsedLines': { background: 'var(--sunken)', color: 'var(--ink-2)', padding: '2px 8px' },
  // The library's own sign is in none of our fonts.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"·"' },
})

/**
 * `<pn-merge>` around a diff of two TOML files, made by the server: the same texts in CodeMirror,
 * beside each other where there is room, and one within the other where there is none. The texts
 * stand in two `<template>`s; the diff inside is what people read without this script.
 *
 *   old, new     what the two texts are called
 */
export class Merge extends HTMLElement {
  connectedCallback(): void {
    if (this.dataset.ready !== undefined) return
    this.dataset.ready = ''
    const [before, after] = [this.text('old'), this.text('new')]
    for (const child of [...this.children]) if (child instanceof HTMLElement) child.hidden = true
    if (this.clientWidth < WIDE) this.within(before, after)
    else this.beside(before, after)
  }

  private beside(before: string, after: string): void {
    const side = (doc: string, name: string) => ({ doc, extensions: this.extensions(name) })
    const view = new MergeView({
      a: side(before, 'old'), b: side(after, 'new'), collapseUnchanged: COLLAPSE,
    })
    this.append(view.dom)
  }

  private within(before: string, after: string): void {
    const merged = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: COLLAPSE })
    const view = new EditorView({ doc: after, extensions: [this.extensions('new'), merged] })
    this.append(view.dom)
  }

  private text(name: string): string {
    return this.querySelector<HTMLTemplateElement>(`template[data-text=${name}]`)?.content.textContent ?? ''
  }

  private extensions(name: string): Extension {
    const label = this.getAttribute(name) ?? ''
    return [
      EditorView.cspNonce.of(NONCE),
      lineNumbers(),
      StreamLanguage.define(toml),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true', tabindex: '0' }),
      theme,
      looks,
    ]
  }
}

customElements.define('pn-merge', Merge)
