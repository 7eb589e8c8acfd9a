/**
 * `<pn-copy for="id">` around a button: copies the text of that element. The button is hidden
 * until this runs, because it can do nothing alone; the text can be selected by hand.
 */
class Copy extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector('button')
    const source = document.getElementById(this.getAttribute('for') ?? '')
    if (!button || !source || !navigator.clipboard) return
    const said = button.textContent ?? ''
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(source.textContent ?? '')
      button.textContent = this.getAttribute('done') ?? said
      setTimeout(() => { button.textContent = said }, 2000)
    })
  }
}

customElements.define('pn-copy', Copy)
