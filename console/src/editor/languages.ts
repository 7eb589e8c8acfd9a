import type { Completion, CompletionSource } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { StreamLanguage } from '@codemirror/language'
import { toml } from '@codemirror/legacy-modes/mode/toml'
import { EditorState, type Extension } from '@codemirror/state'

/** A language by its name, with the words of a `<datalist>` offered in it. */
export function language(name: string, words: string): Extension {
  const offered = words ? offer(words) : []
  switch (name) {
    case 'sql': return [sql({ dialect: PostgreSQL }), offered]
    case 'json': return [json(), offered]
    case 'toml': return [StreamLanguage.define(toml), offered]
    default: return offered
  }
}

function offer(id: string): Extension {
  // One and the same each time: a source that looks new is asked again and never shown.
  const data = [{ autocomplete: from(id) }]
  return EditorState.languageData.of(() => data)
}

/**
 * `<option value="WORD" label="WHAT IT IS" data-kind="property">`. The list is read when it is
 * asked for, so that one that was swapped in counts.
 */
function from(id: string): CompletionSource {
  return (context) => {
    const options = document.getElementById(id)?.querySelectorAll('option') ?? []
    const list = [...options].map((it): Completion => ({
      label: it.value, detail: it.label === it.value ? '' : it.label, type: it.dataset.kind,
    }))
    const word = context.matchBefore(/[\w.$@'-]+/)
    if (!word && !context.explicit) return null
    return { from: word?.from ?? context.pos, options: list, validFor: /^[\w.$@'-]*$/ }
  }
}
