// A certified OpenID provider (npm oidc-provider) on loopback, with the accounts that a test sets.
//
// Nobody types a password here: the cookie `account` of whoever drives the browser says who signs
// in, and `/control/accounts` says what the provider claims about them.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { listen, readBody } from './listen.mjs'

export const CLIENT_ID = 'postern-tests'
export const CLIENT_SECRET = 'a-secret-that-only-the-tests-know'

/** Starts the provider for one callback address; answers its issuer and how to stop it. */
export async function startOidcProvider(callback) {
  const accounts = new Map()
  const server = createServer()
  const issuer = await listen(server)
  const provider = new Provider(issuer, settings(callback, accounts))
  const answer = provider.callback()
  server.on('request', async (request, response) => {
    const { pathname } = new URL(request.url, issuer)
    if (pathname === '/control/accounts') return setAccount(accounts, request, response)
    if (pathname.startsWith('/interaction/')) return signIn(provider, request, response)
    return answer(request, response)
  })
  return { issuer, stop: () => new Promise((done) => server.close(done)) }
}

function settings(callback, accounts) {
  return {
    clients: [{
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [callback],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    async findAccount(_, sub) {
      return { accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) }
    },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
    // Most providers put the mail address into the id_token itself.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant,
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  }
}

/** Consent is given to everything that was asked for. */
async function loadExistingGrant(context) {
  const { client, session, provider, params } = context.oidc
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(params.scope)
  await grant.save()
  return grant
}

async function signIn(provider, request, response) {
  const accountId = /(?:^|; )account=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  const result = accountId
    ? { login: { accountId: decodeURIComponent(accountId) } }
    : { error: 'access_denied', error_description: 'The person said no' }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function setAccount(accounts, request, response) {
  const { sub, ...claims } = JSON.parse(await readBody(request))
  accounts.set(sub, claims)
  response.writeHead(204).end()
}
