// Who is calling: keys, tokens, CORS, profiles and the description of the API.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { PostgrestClient } from '@supabase/postgrest-js'
import {
  ALICE, alice, anon, bob, client, guarded, keys, ok, refused, request, service, tokens, url,
} from '../support/clients.mjs'

const legacy = { anon: client(keys.anon), service: client(keys.service_role) }
const whoami = async (caller) => ok(await caller.rpc('whoami'))
const labels = (db) => db.from('samples').select('id', { count: 'exact', head: true })

test('the publishable key is the anonymous', async () => {
  assert.match(keys.publishable, /^sb_publishable_/)
  assert.deepEqual(await whoami(anon), { uid: null, role: 'anon' })
})
test('the legacy anon key is the anonymous', async () => {
  assert.deepEqual(await whoami(legacy.anon), { uid: null, role: 'anon' })
})
test('a user token is the user', async () => {
  assert.deepEqual(await whoami(alice), { uid: ALICE, role: 'authenticated' })
})
test('a user token with the legacy key is the user', async () => {
  assert.deepEqual(await whoami(client(keys.anon, tokens.alice)), { uid: ALICE, role: 'authenticated' })
})
test('the secret key passes every policy', async () => {
  assert.match(keys.secret, /^sb_secret_/)
  assert.equal((await labels(guarded.service)).count, 12)
  assert.equal(ok(await guarded.service.from('vault').select('content').single()).content, 'treasure')
  assert.equal('secret' in ok(await guarded.service.from('films').select().limit(1).single()), true)
})
test('the legacy service key passes every policy', async () => {
  assert.equal((await labels(legacy.service.schema('guarded'))).count, 12)
})
test('the service key writes what no policy allows', async () => {
  ok(await guarded.service.from('vault').insert({ id: 2, content: 'more' }))
  ok(await guarded.service.from('vault').delete().eq('id', 2))
})
test('each user sees their own rows', async () => {
  const [hers, his] = await Promise.all([alice, bob].map((user) =>
    user.schema('guarded').from('samples').select('id').order('id')))
  assert.deepEqual(ok(hers).map((row) => row.id), [1, 2, 3, 4, 5, 6])
  assert.deepEqual(ok(his).map((row) => row.id), [101, 102, 103, 104, 105, 106])
})
test('many interleaved requests of two users are never confused', async () => {
  const asked = Array.from({ length: 60 }, (_, index) => (index % 2 ? guarded.bob : guarded.alice))
  const answers = await Promise.all(asked.map((db) => db.from('films').select('id').order('id')))
  answers.forEach((answer, index) => {
    const shift = index % 2 ? 100 : 0
    assert.deepEqual(ok(answer).map((row) => row.id - shift), [1, 2, 3, 4, 5])
  })
})
test('a request with no key is the anonymous', async () => {
  const bare = new PostgrestClient(`${url}/rest/v1`)
  assert.deepEqual(ok(await bare.from('stocks').select()), [])
})
test('postgrest-js with a user token is the user', async () => {
  const direct = new PostgrestClient(`${url}/rest/v1`, {
    headers: { authorization: `Bearer ${tokens.alice}` },
    schema: 'guarded',
  })
  assert.equal((await labels(direct)).count, 6)
})

const hmac = (data, secret) => createHmac('sha256', secret).update(data).digest('base64url')
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const refusedToken = {
  'a token with a wrong signature': () => tokens.alice.slice(0, -6) + 'AAAAAA',
  'a token signed with another secret': () => {
    const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: ALICE, role: 'service_role' })}`
    return `${body}.${hmac(body, 'another secret that is long enough to be one')}`
  },
  'a token without a signature (alg none)': () =>
    `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: ALICE, role: 'service_role' })}.`,
  'a token of two parts': () => tokens.alice.split('.').slice(0, 2).join('.'),
  'a word that is no token': () => 'nonsense',
}
for (const [name, token] of Object.entries(refusedToken)) {
  test(`${name} is refused`, async () => {
    const response = await request('/rest/v1/samples', { token: token() })
    const body = await response.json()
    assert.deepEqual([response.status, body.code], [401, 'PGRST301'])
    assert.deepEqual(Object.keys(body).sort(), ['code', 'details', 'hint', 'message'])
    assert.match(response.headers.get('www-authenticate'), /^Bearer/)
  })
}
test('an unknown key is refused', async () => {
  const response = await request('/rest/v1/samples', { key: 'sb_secret_0000000000000000000000' })
  assert.equal(response.status, 401)
})
test('a user token never gains from a role in user_metadata', async () => {
  assert.equal((await labels(guarded.alice)).count, 6)
})

test('the default schema is the first one', async () => {
  const response = await request('/rest/v1/samples?select=id&limit=1')
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-profile'), 'public')
})
test('a second schema by profile', async () => {
  const rows = ok(await anon.schema('personal').from('users').select('username').order('username'))
  assert.deepEqual(rows, [{ username: 'kiwicopple' }, { username: 'supabot' }])
})
test('a table of another schema is not in this one', async () => {
  refused(await anon.from('users').select(), 404, 'Not Found', { code: 'PGRST205' })
})

const origin = 'http://localhost:5173'
test('a CORS preflight allows what supabase-js sends', async () => {
  const wanted = 'authorization,apikey,x-client-info,content-type,accept-profile,content-profile,prefer,range'
  const response = await fetch(`${url}/rest/v1/samples`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': wanted,
    },
  })
  assert.ok([200, 204].includes(response.status), `status ${response.status}`)
  assert.ok(['*', origin].includes(response.headers.get('access-control-allow-origin')))
  const methods = response.headers.get('access-control-allow-methods').split(/,\s*/)
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) assert.ok(methods.includes(method), method)
  const allowed = response.headers.get('access-control-allow-headers').toLowerCase().split(/,\s*/)
  for (const header of wanted.split(',')) assert.ok(allowed.includes(header), header)
})
test('an answer to a browser exposes the headers of the dialect', async () => {
  const response = await request('/rest/v1/samples?select=id&limit=1', { headers: { origin } })
  assert.ok(['*', origin].includes(response.headers.get('access-control-allow-origin')))
  const exposed = response.headers.get('access-control-expose-headers').toLowerCase()
  for (const header of ['content-range', 'location', 'preference-applied']) {
    assert.ok(exposed.includes(header), header)
  }
})
test('a refusal to a browser has the CORS headers too', async () => {
  const response = await request('/rest/v1/xyzzy', { headers: { origin } })
  assert.equal(response.status, 404)
  assert.ok(['*', origin].includes(response.headers.get('access-control-allow-origin')))
})

const description = async (init) => (await request('/rest/v1/', init)).json()
test('the description lists what the caller may see', async () => {
  const api = await description()
  assert.equal(api.swagger, '2.0')
  assert.ok(api.paths['/samples'].get)
  assert.equal(api.paths['/samples'].post, undefined)
  assert.ok(api.paths['/stocks'].post)
  assert.ok(api.paths['/rpc/add'].post)
  assert.equal(api.definitions.samples.properties.label.type, 'string')
})
test('the description hides what the caller may not see', async () => {
  const profile = { headers: { 'accept-profile': 'guarded' } }
  const [forAnyone, forHer] = [
    await description(profile),
    await description({ ...profile, token: tokens.alice }),
  ]
  assert.equal(forAnyone.paths['/films'], undefined)
  assert.ok(forHer.paths['/films'].get)
  assert.equal(forHer.definitions.films.properties.secret, undefined)
  for (const api of [forAnyone, forHer]) {
    assert.doesNotMatch(JSON.stringify(api), /vault|unlisted|owner_id/)
  }
})
test('the service key’s description lists everything', async () => {
  const api = await description({ key: keys.secret, headers: { 'accept-profile': 'guarded' } })
  assert.ok(api.paths['/vault'])
  assert.ok(api.definitions.films.properties.secret)
})
test('the service client reads as supabase-js does', async () => {
  assert.equal((await service.from('samples').select('*', { count: 'exact', head: true })).count, 6)
})
