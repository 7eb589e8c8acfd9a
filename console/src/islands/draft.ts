/** What a draft in this browser is filed under. */
const PREFIX = 'postern.sql.'

/**
 * `<pn-draft key="…">` around a textarea: keeps what is typed in this browser until it is saved, so
 * that neither a closed tab nor a sign-in in between loses it. A draft that differs from the page
 * is offered, never put in place of a kept text by itself. Ctrl or Cmd with Enter runs.
 */
class Draft extends HTMLElement {
  private readonly key = PREFIX + (this.getAttribute('key') ?? 'new')

  connectedCallback(): void {
    const text = this.querySelector('textarea')
    if (!text || text.readOnly) return
    const kept = text.defaultValue
    const draft = read(this.key)
    // The editor's script comes after this one and takes over what the textarea says.
    if (draft !== null && draft !== text.value) {
      if (text.value.trim() === '') put(text, draft)
      else this.offer(text, draft)
    }
    text.addEventListener('input', () => write(this.key, text.value === kept ? null : text.value))
    this.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      event.stopPropagation()
      text.form?.querySelector<HTMLButtonElement>('button[data-run]')?.click()
    }, { capture: true })
  }

  private offer(text: HTMLTextAreaElement, draft: string): void {
    const notice = this.querySelector<HTMLElement>('.notice')
    if (!notice) return
    notice.hidden = false
    notice.addEventListener('click', (event) => {
      const choice = (event.target as HTMLElement).closest<HTMLElement>('[data-draft]')?.dataset.draft
      if (!choice) return
      if (choice === 'use') put(text, draft)
      else write(this.key, null)
      notice.hidden = true
      this.querySelector<HTMLElement>('.cm-content, textarea:not([hidden])')?.focus()
    })
  }
}

/** Changes a text as typing would, for whoever listens. */
function put(text: HTMLTextAreaElement, value: string): void {
  const editor = text.closest<HTMLElement & { write?: (text: string) => void }>('pn-editor')
  if (editor?.write && editor.hasAttribute('data-ready')) return editor.write(value)
  text.value = value
  text.dispatchEvent(new Event('input', { bubbles: true }))
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null || value === '') localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // A browser that keeps nothing still runs queries.
  }
}

customElements.define('pn-draft', Draft)
