// linkIdentity, getUserIdentities and unlinkIdentity.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { client, ok, refused, request, signedIn } from '../support/clients.mjs'
import { mailTo } from '../support/mailbox.mjs'
import { BACK, account, browserOf, signInThrough, walk } from '../support/providers.mjs'
import { OIDC_PROVIDER } from '../support/settings.mjs'

/** Starts linking as the app does, and walks through the provider as `sub`. */
async function linkThrough(app, sub) {
  const { url } = ok(
    await app.auth.linkIdentity({
      provider: OIDC_PROVIDER,
      options: { redirectTo: BACK, skipBrowserRedirect: true },
    }),
  )
  const back = await walk(url, browserOf(sub))
  // As an app does that finds its new session in its address.
  if (back.fragment.access_token) ok(await app.auth.setSession(back.fragment))
  return back
}

const providersOf = async (app) =>
  ok(await app.auth.getUserIdentities())
    .identities.map((it) => it.provider)
    .sort()

describe('linkIdentity', () => {
  test('adds a way to sign in', async () => {
    const person = await signedIn()
    const { sub } = await account()

    await linkThrough(person.app, sub)

    assert.deepEqual(await providersOf(person.app), ['email', OIDC_PROVIDER].sort())
    const { fragment } = await signInThrough(client(), { visitor: browserOf(sub) })
    assert.equal(ok(await client().auth.setSession(fragment)).user.id, person.user.id)
    await mailTo(person.email, { kind: 'identity_linked' })
  })
  test('does not take what belongs to another user', async () => {
    const { sub } = await account()
    await signInThrough(client(), { visitor: browserOf(sub) })
    const { app } = await signedIn()

    const { fragment, query } = await linkThrough(app, sub)

    assert.equal(fragment.error_code ?? query.error_code, 'identity_already_exists')
    assert.deepEqual(await providersOf(app), ['email'])
  })
  test('needs a session', async () => {
    const { status } = await request(
      `/user/identities/authorize?provider=${OIDC_PROVIDER}&skip_http_redirect=true`,
    )

    assert.ok([401, 403].includes(status), `${status}`)
  })
})

describe('unlinkIdentity', () => {
  test('takes a way to sign in away', async () => {
    const { app, email } = await signedIn()
    const { sub } = await account()
    await linkThrough(app, sub)
    const { identities } = ok(await app.auth.getUserIdentities())

    ok(await app.auth.unlinkIdentity(identities.find((it) => it.provider === OIDC_PROVIDER)))

    // What the token says of the user's providers is no longer true.
    ok(await app.auth.refreshSession())
    assert.deepEqual(await providersOf(app), ['email'])
    await mailTo(email, { kind: 'identity_unlinked' })
  })
  test('never takes the last one', async () => {
    const { app } = await signedIn()
    const {
      identities: [only],
    } = ok(await app.auth.getUserIdentities())

    refused(await app.auth.unlinkIdentity(only), 422, 'single_identity_not_deletable')
  })
  test("does not know another user's", async () => {
    const [ada, bob] = [await signedIn(), await signedIn()]
    await linkThrough(bob.app, (await account()).sub)
    const {
      identities: [hers],
    } = ok(await ada.app.auth.getUserIdentities())

    refused(await bob.app.auth.unlinkIdentity(hers), 422, 'identity_not_found')
    refused(await bob.app.auth.unlinkIdentity({ identity_id: randomUUID() }), 422, 'identity_not_found')
  })
})
