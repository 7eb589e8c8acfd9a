/** `<pn-pick for="id">` around a picker: the row that is chosen goes into the field at once. */
class Pick extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener('change', (event) => {
      const picked = event.target
      const field = document.getElementById(this.getAttribute('for') ?? '')
      if (!(picked instanceof HTMLInputElement) || picked.type !== 'radio') return
      if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return
      field.value = picked.value
      const none = document.getElementsByName(field.name.replace(/^v/, 'n'))[0]
      if (none instanceof HTMLInputElement) none.checked = false
      this.querySelector('details')?.removeAttribute('open')
      picked.checked = false
      field.focus()
    })
    // Enter in the search would send the whole form.
    this.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target instanceof HTMLInputElement && event.target.type === 'search') {
        event.preventDefault()
      }
    })
  }
}

/** Typing a value means that there is one. */
document.addEventListener('input', (event) => {
  const field = event.target
  if (!(field instanceof HTMLElement) || !('name' in field) || !String(field.name).startsWith('v.')) return
  const none = document.getElementsByName(String(field.name).replace(/^v/, 'n'))[0]
  if (none instanceof HTMLInputElement) none.checked = false
})

customElements.define('pn-pick', Pick)
