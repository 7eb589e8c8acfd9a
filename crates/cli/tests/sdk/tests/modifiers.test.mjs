// What shapes an answer: select, order, limit, range, single, csv, counts.
import assert from 'node:assert/strict'
import test from 'node:test'
import { alice, anon, everywhere, guarded, ok, refused, request } from '../support/clients.mjs'

const ids = (...numbers) => numbers.map((id) => ({ id }))

everywhere('select of every type', (db, id) =>
  db.from('samples').select(
    'label,note,amount,price,active,day,at,token,raw,doc,tags,nums,span,days,mood,zip,"Odd Name","名前"',
  ).eq('id', id(1)), [
  {
    label: 'alpha',
    note: 'first',
    amount: 10,
    price: 1.5,
    active: true,
    day: '2024-01-10',
    at: '2024-01-10T08:00:00+00:00',
    token: '00000000-0000-4000-8000-000000000001',
    raw: { k: 'one' },
    doc: { n: 1, kind: 'book', list: [10, 20], author: { name: 'Ann' } },
    tags: ['red', 'green'],
    nums: [1, 2, 3],
    span: '[1,10)',
    days: '[2024-01-01,2024-02-01)',
    mood: 'calm',
    zip: '10115',
    'Odd Name': 'one',
    名前: '一',
  },
])
everywhere('select of everything has the granted columns only',
  async (db, id) => {
    const result = await db.from('samples').select().eq('id', id(4)).single()
    return { ...result, data: result.data && Object.keys(result.data) }
  },
  ['id', 'label', 'note', 'amount', 'big', 'price', 'active', 'day', 'at', 'token', 'raw', 'doc',
    'tags', 'nums', 'span', 'days', 'mood', 'zip', 'body', 'search', 'Odd Name', '名前'])
everywhere('select with an alias',
  (db, id) => db.from('samples').select('name:label').eq('id', id(2)), [{ name: 'beta' }])
everywhere('select with a quoted alias',
  (db, id) => db.from('samples').select('"the name":label').eq('id', id(2)), [{ 'the name': 'beta' }])
everywhere('select with casts',
  (db, id) => db.from('samples').select('amount::text,big::text,price::text').eq('id', id(1)),
  [{ amount: '10', big: '9007199254740993', price: '1.50' }])
everywhere('select with an alias and a cast',
  (db, id) => db.from('samples').select('text:amount::text').eq('id', id(1)), [{ text: '10' }])
everywhere('select with JSON paths',
  (db, id) => db.from('samples').select('doc->kind,doc->author->>name').eq('id', id(1)),
  [{ kind: 'book', name: 'Ann' }])
everywhere('select with a JSON array index',
  (db, id) => db.from('samples').select('first:doc->list->0,last:doc->list->>-1').eq('id', id(1)),
  [{ first: 10, last: '20' }])
everywhere('select with white space',
  (db, id) => db.from('samples').select(`
    id,
    label
  `).eq('id', id(1)), [{ id: 1, label: 'alpha' }])

const order = (name, apply, expected) =>
  everywhere(name, (db) => apply(db.from('samples').select('id')), ids(...expected))
order('order ascending', (q) => q.order('id'), [1, 2, 3, 4, 5, 6])
order('order descending', (q) => q.order('id', { ascending: false }), [6, 5, 4, 3, 2, 1])
order('order puts nulls last by default', (q) => q.order('amount'), [6, 1, 2, 3, 5, 4])
order('order nullsFirst', (q) => q.order('amount', { nullsFirst: true }), [4, 6, 1, 2, 3, 5])
order('order descending with nulls last',
  (q) => q.order('amount', { ascending: false, nullsFirst: false }), [5, 3, 2, 1, 6, 4])
order('order by two columns', (q) => q.order('mood').order('id', { ascending: false }),
  [5, 1, 2, 3, 6, 4])
order('order by a JSON path',
  (q) => q.not('doc', 'is', null).order('doc->n', { ascending: false }), [5, 3, 2, 1])
order('limit', (q) => q.order('id').limit(2), [1, 2])
order('limit zero', (q) => q.order('id').limit(0), [])
order('range', (q) => q.order('id').range(1, 3), [2, 3, 4])
order('range beyond the end', (q) => q.order('id').range(100, 109), [])

everywhere('order by a related table',
  (db) => db.from('films').select('id,directors!films_director_id_fkey(name)')
    .not('director_id', 'is', null)
    .order('directors(name)', { ascending: false }).order('id'),
  [
    { id: 3, directors: { name: 'Ben' } },
    { id: 5, directors: { name: 'Ben' } },
    { id: 1, directors: { name: 'Ava' } },
    { id: 2, directors: { name: 'Ava' } },
  ])

everywhere('single', (db, id) => db.from('samples').select('label').eq('id', id(1)).single(),
  { label: 'alpha' })
everywhere('maybeSingle with one row',
  (db, id) => db.from('samples').select('label').eq('id', id(1)).maybeSingle(), { label: 'alpha' })
everywhere('maybeSingle with no row',
  (db) => db.from('samples').select('label').eq('id', -1).maybeSingle(), null)
test('maybeSingle with two rows is refused', async () => {
  refused(await anon.from('samples').select().limit(2).maybeSingle(), 406, 'Not Acceptable',
    { code: 'PGRST116' })
})

everywhere('csv', (db) => db.from('samples').select('label,note,amount').order('id').limit(2).csv(),
  'label,note,amount\nalpha,first,10\nbeta,,20')
test('csv has its media type', async () => {
  const response = await request('/rest/v1/samples?select=id&limit=1', {
    headers: { accept: 'text/csv' },
  })
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8')
})
everywhere('csv quotes what needs it',
  (db, id) => db.from('samples').select('label').eq('id', id(6)).csv(),
  'label\n"comma, (parens)"')
everywhere('stripNulls on rows',
  (db, id) => db.from('samples').select('label,note,amount').eq('id', id(4)).stripNulls(),
  [{ label: 'Delta' }])
everywhere('stripNulls on a single row',
  (db, id) => db.from('samples').select('label,note,amount').eq('id', id(4)).single().stripNulls(),
  { label: 'Delta' })

for (const [name, db] of [['open', anon], ['under policies', guarded.alice]]) {
  test(`count exact: ${name}`, async () => {
    const result = await db.from('samples').select('id', { count: 'exact' })
    ok(result)
    assert.deepEqual([result.count, result.status, result.statusText], [6, 200, 'OK'])
  })
  test(`count exact with a filter: ${name}`, async () => {
    const result = await db.from('samples').select('id', { count: 'exact' }).eq('label', 'alpha')
    assert.equal(result.count, 1)
  })
  test(`count exact of a part answers 206: ${name}`, async () => {
    const result = await db.from('samples').select('id', { count: 'exact' }).order('id').range(1, 2)
    assert.deepEqual(result.data.length, 2)
    assert.deepEqual([result.count, result.status, result.statusText], [6, 206, 'Partial Content'])
  })
  test(`count exact of nothing: ${name}`, async () => {
    const result = await db.from('samples').select('id', { count: 'exact' }).eq('id', -1)
    assert.deepEqual([result.data, result.count, result.status], [[], 0, 200])
  })
  test(`head with a count has no body: ${name}`, async () => {
    const result = await db.from('samples').select('*', { count: 'exact', head: true })
    assert.deepEqual([result.data, result.error, result.count, result.status], [null, null, 6, 200])
  })
  test(`head without a count: ${name}`, async () => {
    const result = await db.from('samples').select('*', { head: true })
    assert.deepEqual([result.data, result.error, result.count, result.status],
      [null, null, null, 200])
  })
  test(`an offset beyond the count is refused: ${name}`, async () => {
    const result = await db.from('samples').select('id', { count: 'exact' }).range(100, 109)
    refused(result, 416, 'Range Not Satisfiable', {
      code: 'PGRST103',
      message: 'Requested range not satisfiable',
      details: 'An offset of 100 was requested, but there are only 6 rows.',
      hint: null,
    })
  })
}

test('a planned count is a number', async () => {
  const result = await anon.from('samples').select('id', { count: 'planned' })
  assert.equal(typeof result.count, 'number')
})
test('an estimated count of a small table is exact', async () => {
  const result = await anon.from('samples').select('id', { count: 'estimated' })
  assert.equal(result.count, 6)
})
test('a planned count under policies does not show the planner’s guess', async () => {
  const result = await guarded.alice.from('samples').select('id', { count: 'planned' })
  assert.equal(result.count, 6)
})

test('Content-Range without a count', async () => {
  const response = await request('/rest/v1/samples?select=id&order=id&offset=1&limit=2')
  assert.equal(response.headers.get('content-range'), '1-2/*')
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
})
test('Content-Range of an empty answer', async () => {
  const response = await request('/rest/v1/samples?select=id&id=eq.-1')
  assert.equal(response.headers.get('content-range'), '*/*')
})
test('the Range header works as limit and offset do', async () => {
  const response = await request('/rest/v1/samples?select=id&order=id', {
    headers: { 'range-unit': 'items', range: '1-2' },
  })
  assert.equal(response.headers.get('content-range'), '1-2/*')
  assert.deepEqual(await response.json(), ids(2, 3))
})
test('rows look as Postgres prints them', async () => {
  const response = await request('/rest/v1/samples?select=id,label&order=id&limit=2')
  assert.equal(await response.text(), '[{"id":1,"label":"alpha"}, \n {"id":2,"label":"beta"}]')
})
test('throwOnError throws the four keys', async () => {
  await assert.rejects(async () => alice.from('nothing').select().throwOnError(),
    { code: 'PGRST205' })
})
