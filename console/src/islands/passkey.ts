/**
 * `<pn-passkey does="create|get" options="{…}" failed="…">` around a form: its button asks the
 * browser for a passkey, and the form carries the answer. Without a script the button stays off,
 * because only a script can ask.
 */
type Json = Record<string, unknown>
type Named = { id: string }

const decode = (text: string): ArrayBuffer => {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (it) => it.charCodeAt(0)).buffer
}

const encode = (bytes: ArrayBuffer): string => {
  const plain = Array.from(new Uint8Array(bytes), (it) => String.fromCharCode(it)).join('')
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Options as the server spells them, with bytes where the browser wants bytes. */
function read(text: string): Json {
  const options = JSON.parse(text) as Json
  const bytes = (list: unknown) => (list as Named[]).map((it) => ({ ...it, id: decode(it.id) }))
  options.challenge = decode(options.challenge as string)
  const user = options.user as Named | undefined
  if (user) options.user = { ...user, id: decode(user.id) }
  for (const name of ['excludeCredentials', 'allowCredentials']) {
    if (options[name]) options[name] = bytes(options[name])
  }
  return options
}

/** What the browser answered, as the server reads it. */
function write(credential: PublicKeyCredential): string {
  const given = credential.response as unknown as Record<string, ArrayBuffer | null>
  const response: Json = {}
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    const bytes = given[name]
    if (bytes) response[name] = encode(bytes)
  }
  const id = encode(credential.rawId)
  return JSON.stringify({ id, rawId: id, type: credential.type, response, clientExtensionResults: {} })
}

class Passkey extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector('form')
    const button = form?.querySelector('button')
    const said = form?.querySelector('[role=status]')
    if (!form || !button || !said || !navigator.credentials) return
    button.disabled = false
    said.textContent = ''
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      button.disabled = true
      try {
        const publicKey = read(this.getAttribute('options') ?? '{}') as never
        const made = this.getAttribute('does') === 'create'
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey })
        form.querySelector<HTMLInputElement>('[name=credential]')!.value = write(made as PublicKeyCredential)
        form.submit()
      } catch {
        said.textContent = this.getAttribute('failed')
        button.disabled = false
      }
    })
  }
}

customElements.define('pn-passkey', Passkey)
