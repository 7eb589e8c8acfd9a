// An identity provider that lies. Each way of lying has an issuer of its own: `<origin>/<trick>`.
//
// `honest` is the control: the same provider without a lie must be let in, so that a refusal of
// the others is a refusal of the lie and not of the provider.
import { createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose'
import { listen, readBody, sendJson } from './listen.mjs'

const HUGE_BYTES = 20 * 1024 * 1024
const SLOW_MS = 30_000

export const HOSTILE_CLIENT = 'postern-hostile'

/** Every lie, by the name of its issuer; what it does is where its name is used below. */
export const TRICKS = [
  'honest', 'wrong-issuer', 'alg-none', 'key-confusion', 'wrong-audience', 'wrong-nonce', 'no-nonce',
  'expired', 'foreign-key', 'jwk-header', 'mail-unverified', 'mail-verified-text', 'mail-verified-missing',
  'huge-jwks', 'slow-jwks', 'mixed-up-iss', 'discovery-issuer', 'no-subject', 'redirecting-jwks',
]

export async function startHostileIdp() {
  const server = createServer()
  const origin = await listen(server)
  const idp = await HostileIdp.create(origin)
  server.on('request', (request, response) => {
    idp.answer(request, response).catch((error) => sendJson(response, 500, { error: String(error) }))
  })
  const stop = () => new Promise((done) => {
    server.close(done)
    server.closeAllConnections()
  })
  return { origin, stop }
}

class HostileIdp {
  static async create(origin) {
    const idp = new HostileIdp()
    idp.origin = origin
    idp.keys = await generateKeyPair('RS256', { extractable: true })
    idp.foreign = await generateKeyPair('RS256', { extractable: true })
    idp.jwk = { ...(await exportJWK(idp.keys.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
    idp.codes = new Map()
    return idp
  }

  async answer(request, response) {
    const url = new URL(request.url, this.origin)
    const [, trick, ...rest] = url.pathname.split('/')
    const page = rest.join('/')
    if (page === '.well-known/openid-configuration') return sendJson(response, 200, this.discovery(trick))
    if (page === 'jwks') return this.sendKeys(trick, response)
    if (page === 'authorize') return this.authorize(trick, url.searchParams, response)
    if (page === 'token') return this.token(trick, new URLSearchParams(await readBody(request)), response)
    if (page === 'mint') return sendJson(response, 200, await this.mint(trick, url.searchParams))
    return sendJson(response, 404, { error: 'not_found' })
  }

  discovery(trick) {
    const issuer = `${this.origin}/${trick}`
    return {
      issuer: trick === 'discovery-issuer' ? 'https://accounts.example.com' : issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    }
  }

  sendKeys(trick, response) {
    if (trick === 'huge-jwks') {
      return response.writeHead(200, { 'content-type': 'application/json' })
        .end(`{"keys":[${JSON.stringify(this.jwk)}],"padding":"${'x'.repeat(HUGE_BYTES)}"}`)
    }
    if (trick === 'redirecting-jwks') {
      return response.writeHead(302, { location: `${this.origin}/honest/jwks` }).end()
    }
    const send = () => sendJson(response, 200, { keys: [this.jwk] })
    return trick === 'slow-jwks' ? setTimeout(send, SLOW_MS).unref() : send()
  }

  authorize(trick, query, response) {
    const code = randomBytes(16).toString('hex')
    this.codes.set(code, { nonce: query.get('nonce'), sub: query.get('login_hint') ?? `${trick}-someone` })
    const back = new URL(query.get('redirect_uri'))
    back.searchParams.set('code', code)
    back.searchParams.set('state', query.get('state'))
    back.searchParams.set('iss', `${this.origin}/${trick === 'mixed-up-iss' ? 'honest' : trick}`)
    response.writeHead(302, { location: back.href }).end()
  }

  async token(trick, form, response) {
    const grant = this.codes.get(form.get('code'))
    if (!this.codes.delete(form.get('code'))) return sendJson(response, 400, { error: 'invalid_grant' })
    const id_token = await this.sign(trick, this.claims(trick, grant))
    sendJson(response, 200, { access_token: randomBytes(8).toString('hex'), token_type: 'Bearer', id_token })
  }

  /** An id_token without the detour through a browser, for sign-in with an id_token. */
  async mint(trick, query) {
    const grant = { sub: query.get('sub') ?? `${trick}-native`, nonce: query.get('nonce') ?? undefined }
    const claims = { ...this.claims(trick, grant), ...JSON.parse(query.get('claims') ?? '{}') }
    return { id_token: await this.sign(trick, claims) }
  }

  claims(trick, { sub, nonce }) {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: `${this.origin}/${trick}`, aud: HOSTILE_CLIENT, sub, nonce, iat: now, exp: now + 300,
      email: `${sub}@idp.example`, email_verified: true,
    }
    const lies = {
      'wrong-issuer': { iss: `${this.origin}/honest` },
      'wrong-audience': { aud: 'somebody-else' },
      'wrong-nonce': { nonce: 'not-the-one-you-sent' },
      'no-nonce': { nonce: undefined },
      expired: { iat: now - 7200, exp: now - 3600 },
      'mail-unverified': { email_verified: false },
      'mail-verified-text': { email_verified: 'true' },
      'mail-verified-missing': { email_verified: undefined },
      'no-subject': { sub: undefined },
    }
    return { ...claims, ...lies[trick] }
  }

  async sign(trick, claims) {
    const header = { alg: 'RS256', kid: 'key-1', typ: 'JWT' }
    const signed = (extra, key) => new SignJWT(claims).setProtectedHeader({ ...header, ...extra }).sign(key)
    switch (trick) {
      case 'alg-none':
        return `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`
      case 'key-confusion': {
        const body = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`
        const secret = await exportSPKI(this.keys.publicKey)
        return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
      }
      case 'foreign-key':
        return signed({}, this.foreign.privateKey)
      case 'jwk-header':
        return signed({ jwk: await exportJWK(this.foreign.publicKey) }, this.foreign.privateKey)
      default:
        return signed({}, this.keys.privateKey)
    }
  }
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
