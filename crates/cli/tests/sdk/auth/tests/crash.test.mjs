// The server is killed in the middle of sign-ups, sign-ins and refreshes: nothing is half done.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newAddress, newPassword, ok, sleep } from '../support/clients.mjs'
import { startVariant } from '../support/variant.mjs'
import { VARIANTS } from '../support/settings.mjs'

const WORKERS = 6
const CRASHES = 2
const BUSY_MS = 1_500
// A busy machine may need longer until there is something to lose.
const BUSY_MS_MAX = 60_000

let server
before(async () => {
  server = await startVariant(VARIANTS.crash)
})
after(() => server?.stop())

/** Signs people up and refreshes their sessions until told to stop; notes what was answered. */
async function work(state) {
  while (!state.stop) {
    const person = { email: newAddress(), password: newPassword(), sessions: [] }
    state.people.push(person)
    const app = server.app()
    const { data, error } = await app.auth.signUp(person)
    if (error) continue
    person.acknowledged = true
    person.sessions.push(data.session)
    for (let turn = 0; turn < 3 && !state.stop; turn += 1) {
      const { data: next } = await app.auth.refreshSession()
      if (!next?.session) break
      person.sessions.push(next.session)
    }
  }
}

test('a killed server left no half-made user and lost no acknowledged one', async () => {
  const state = { people: [], stop: false }
  for (let crash = 0; crash < CRASHES; crash += 1) {
    state.stop = false
    const workers = Array.from({ length: WORKERS }, () => work(state))
    await busy(state, WORKERS * (crash + 1))
    const back = server.crash()
    state.stop = true
    await Promise.all(workers)
    await back
  }

  const acknowledged = state.people.filter((it) => it.acknowledged)
  assert.ok(acknowledged.length > WORKERS, `${acknowledged.length}`)
  for (const person of acknowledged.slice(-WORKERS * 2))
    ok(await server.app().auth.signInWithPassword(person))
  for (const person of state.people.filter((it) => !it.acknowledged)) await isWholeOrAbsent(person)
})

test('after the kill a session goes on from its newest token, and one spent long ago stays spent', async () => {
  const app = server.app()
  ok(await app.auth.signUp({ email: newAddress(), password: newPassword() }))
  const tokens = [(await app.auth.getSession()).data.session.refresh_token]
  for (let turn = 0; turn < 3; turn += 1)
    tokens.push(ok(await app.auth.refreshSession()).session.refresh_token)
  await sleep(1_500)

  await server.crash()

  ok(await server.app().auth.refreshSession({ refresh_token: tokens.at(-1) }))
  const { error } = await server.app().auth.refreshSession({ refresh_token: tokens[0] })
  assert.equal(error.code, 'refresh_token_already_used')
})

test('an ended session stays ended after the kill', async () => {
  const app = server.app()
  const { session } = ok(await app.auth.signUp({ email: newAddress(), password: newPassword() }))
  ok(await app.auth.signOut())

  await server.crash()

  const response = await fetch(`${server.url}/rest/v1/`, {
    headers: { apikey: server.keys.publishable, authorization: `Bearer ${session.access_token}` },
  })
  assert.equal(response.status, 401)
})

/** Waits a while, and longer if fewer than `count` people have been answered by then. */
async function busy(state, count) {
  const answered = () => state.people.filter((it) => it.acknowledged).length
  const deadline = Date.now() + BUSY_MS_MAX
  await sleep(BUSY_MS)
  while (answered() < count && Date.now() < deadline) await sleep(50)
}

/** Whoever got no answer either can sign in, with an identity, or can sign up as if new. */
async function isWholeOrAbsent(person) {
  const again = await server.app().auth.signInWithPassword(person)
  if (again.error) return ok(await server.app().auth.signUp(person))
  assert.equal(again.data.user.identities.length, 1)
}
