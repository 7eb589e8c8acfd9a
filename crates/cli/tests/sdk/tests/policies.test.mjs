// What the guarded tables let two users do: own rows, presets, masks, limits, checks.
import assert from 'node:assert/strict'
import test, { afterEach } from 'node:test'
import { ALICE, BOB, guarded, ok, refused } from '../support/clients.mjs'

const { alice: hers, bob: his, anon: anyone, service: all } = guarded

afterEach(async () => {
  ok(await all.from('notes').delete().gte('id', 0))
  ok(await all.from('messages').delete().gte('id', 0))
})

const plant = async (...rows) => ok(await all.from('notes').insert(
  rows.map((row) => ({ owner_id: ALICE, title: 'planted', ...row })), { defaultToNull: false },
).select('id,title'))
const titles = async (db = all) =>
  ok(await db.from('notes').select('title').order('title')).map((row) => row.title)

test('a preset column is the caller', async () => {
  ok(await hers.from('notes').insert({ title: 'mine' }))
  assert.deepEqual(ok(await all.from('notes').select('title,owner_id,secret')),
    [{ title: 'mine', owner_id: ALICE, secret: 'hidden' }])
})
test('a preset column holds for every row of a bulk insert', async () => {
  ok(await hers.from('notes').insert([{ title: 'one' }, { title: 'two' }]))
  const owners = ok(await all.from('notes').select('owner_id')).map((row) => row.owner_id)
  assert.deepEqual(owners, [ALICE, ALICE])
})
test('a preset column cannot be sent', async () => {
  const result = await hers.from('notes').insert({ title: 'his', owner_id: BOB })
  assert.equal(result.data, null)
  assert.ok([400, 403].includes(result.status), `status ${result.status}`)
  assert.deepEqual(await titles(), [])
})
test('an inserted row shows its granted columns only', async () => {
  const row = ok(await hers.from('notes').insert({ title: 'mine' }).select().single())
  assert.deepEqual(Object.keys(row),
    ['id', 'title', 'body', 'stars', 'slug', 'published', 'title_length', 'updated_at'])
})
test('own rows are read, changed and deleted; others’ are not there', async () => {
  await plant({ title: 'hers' }, { title: 'his', owner_id: BOB })

  assert.deepEqual(await titles(hers), ['hers'])
  const updated = await hers.from('notes').update({ body: 'changed' }, { count: 'exact' }).gte('id', 0)
  const deleted = await hers.from('notes').delete({ count: 'exact' }).gte('id', 0)

  assert.deepEqual([updated.count, updated.status, deleted.count, deleted.status], [1, 204, 1, 204])
  assert.deepEqual(ok(await all.from('notes').select('title,body')), [{ title: 'his', body: 'empty' }])
})
test('a row by id of somebody else is not found', async () => {
  const [note] = await plant({ owner_id: BOB })
  refused(await hers.from('notes').select().eq('id', note.id).single(), 406, 'Not Acceptable',
    { code: 'PGRST116', details: 'The result contains 0 rows' })
})
test('rules are alternatives: published rows of others show as well', async () => {
  await plant({ title: 'hers' }, { title: 'public', owner_id: BOB, published: true })
  assert.deepEqual(await titles(hers), ['hers', 'public'])
  assert.deepEqual(await titles(anyone), ['public'])
})
test('a row that may be read may still not be changed', async () => {
  await plant({ title: 'public', owner_id: BOB, published: true })
  assert.deepEqual(ok(await hers.from('notes').update({ title: 'stolen' }).gte('id', 0).select()), [])
  assert.deepEqual(ok(await hers.from('notes').delete().gte('id', 0).select()), [])
  assert.deepEqual(await titles(), ['public'])
})
test('a row that fails a required rule is refused', async () => {
  refused(await hers.from('notes').insert({ title: 'six', stars: 6 }), 403, 'Forbidden',
    { code: '42501' })
  assert.deepEqual(await titles(), [])
})
test('an update that fails a required rule is refused and changes nothing', async () => {
  await plant({ title: 'hers', stars: 1 })
  refused(await hers.from('notes').update({ stars: 6 }).gte('id', 0), 403, 'Forbidden',
    { code: '42501' })
  assert.deepEqual(ok(await all.from('notes').select('stars')), [{ stars: 1 }])
})
test('one bad row refuses the whole bulk insert', async () => {
  const rows = Array.from({ length: 50 }, (_, index) => ({ title: `n${index}`, stars: index === 30 ? 6 : 1 }))
  refused(await hers.from('notes').insert(rows), 403, 'Forbidden', { code: '42501' })
  assert.deepEqual(await titles(), [])
})
test('the policy’s max_affected refuses a larger change', async () => {
  await plant(...Array.from({ length: 6 }, () => ({})))
  refused(await hers.from('notes').update({ title: 'x' }).gte('id', 0), 400, 'Bad Request',
    { code: 'PGRST124' })
  refused(await hers.from('notes').delete().gte('id', 0), 400, 'Bad Request', { code: 'PGRST124' })
  assert.deepEqual(new Set(await titles()), new Set(['planted']))
})
test('upsert on an own row merges', async () => {
  const [note] = await plant({ title: 'old' })
  const result = await hers.from('notes').upsert({ id: note.id, title: 'new' }).select('title')
  assert.deepEqual([ok(result), result.status], [[{ title: 'new' }], 200])
})
test('upsert on another’s row is an error, not a skip', async () => {
  const [note] = await plant({ title: 'his', owner_id: BOB })
  refused(await hers.from('notes').upsert({ id: note.id, title: 'stolen' }), 403, 'Forbidden',
    { code: '42501' })
  assert.deepEqual(await titles(), ['his'])
})
test('a unique violation tells nothing of the other row', async () => {
  await plant({ slug: 'taken', owner_id: BOB })
  refused(await hers.from('notes').insert({ title: 'mine', slug: 'taken' }), 409, 'Conflict', {
    code: '23505',
    message: 'duplicate key value violates unique constraint "notes_slug_key"',
    details: null,
    hint: null,
  })
})
test('a denied row is refused before the unique violation shows', async () => {
  await plant({ slug: 'taken', owner_id: BOB })
  refused(await hers.from('notes').insert({ title: 'mine', slug: 'taken', stars: 6 }), 403,
    'Forbidden', { code: '42501' })
})
test('a row cannot be handed to somebody else', async () => {
  ok(await hers.from('messages').insert({ sender: ALICE, text: 'hello' }))
  refused(await hers.from('messages').update({ sender: BOB }).gte('id', 0), 403, 'Forbidden',
    { code: '42501' })
  assert.deepEqual(ok(await hers.from('messages').select('text')), [{ text: 'hello' }])
  assert.deepEqual(ok(await his.from('messages').select('text')), [])
})
test('a count counts visible rows only', async () => {
  await plant({}, { owner_id: BOB }, { owner_id: BOB })
  assert.equal((await hers.from('notes').select('*', { count: 'exact', head: true })).count, 1)
  assert.equal((await his.from('notes').select('*', { count: 'exact', head: true })).count, 2)
})
test('an anonymous caller’s columns are fewer', async () => {
  await plant({ title: 'public', published: true })
  const row = ok(await anyone.from('notes').select().single())
  assert.deepEqual(Object.keys(row), ['id', 'title', 'published'])
  refused(await anyone.from('notes').select('body'), 400, 'Bad Request',
    { code: '42703', message: 'column notes.body does not exist' })
})

const people = () => hers.from('people').select('name,email,phone').order('name')
test('a mask hides others’ values and keeps one’s own', async () => {
  assert.deepEqual(ok(await people()), [
    { name: 'Alice', email: 'alice@example.com', phone: '555-0111' },
    { name: 'Bob', email: null, phone: '***22' },
  ])
})
test('a filter sees the mask', async () => {
  assert.deepEqual(ok(await people().eq('phone', '555-0122')), [])
  assert.deepEqual(ok(await people().like('email', 'bob%')), [])
  assert.deepEqual(ok(await people().eq('phone', '***22')).map((row) => row.name), ['Bob'])
})
test('an order sees the mask', async () => {
  const byPhone = ok(await hers.from('people').select('name').order('phone'))
  assert.deepEqual(byPhone.map((row) => row.name), ['Bob', 'Alice'])
  const byMail = ok(await hers.from('people').select('name').order('email', { nullsFirst: true }))
  assert.deepEqual(byMail.map((row) => row.name), ['Bob', 'Alice'])
})
test('the service key sees through the mask', async () => {
  const emails = ok(await all.from('people').select('email').order('email'))
  assert.deepEqual(emails.map((row) => row.email), ['alice@example.com', 'bob@example.com'])
})
test('an embed depth hides what each level hides', async () => {
  const deep = ok(await hers.from('directors')
    .select('name,films!films_director_id_fkey(*,screenings(*,halls(*)))').eq('id', 1).single())
  assert.doesNotMatch(JSON.stringify(deep), /owner_id|secret/)
  assert.equal(deep.films.length, 2)
})
