// What came to the dialect last: functions of rows, aggregates, forms of answers, transactions.
import assert from 'node:assert/strict'
import test from 'node:test'
import { anon, everywhere, guarded, ok, refused, request, service, tokens } from '../support/clients.mjs'

const LEADS = [
  { id: 1, lead: { name: 'Uma' } },
  { id: 2, lead: { name: 'Uma' } },
  { id: 3, lead: { name: 'Vic' } },
  { id: 4, lead: null },
]

everywhere('a function of the row is a column',
  (db) => db.from('films').select('label').order('id').limit(2),
  [{ label: 'Dawn (1990)' }, { label: 'Dawn Returns (1995)' }])
everywhere('filters and order by a function of the row',
  (db) => db.from('films').select('title').like('label', '%(20%').order('label', { ascending: false }),
  [{ title: 'Flare' }, { title: 'Echo' }, { title: 'Dawn Forever' }])
everywhere('a function of the row is a to-one relationship',
  (db) => db.from('films').select('id,lead(name)').order('id').limit(4), LEADS)
everywhere('and a to-many one, with filter and order',
  (db, id) => db.from('films').select('id,shown_on(day)').eq('id', id(1))
    .gt('shown_on.day', '2024-06-01').order('day', { referencedTable: 'shown_on' }),
  [{ id: 1, shown_on: [{ day: '2024-06-02' }] }])
everywhere('!inner on a function of the row',
  (db) => db.from('films').select('id,lead!inner(name)').eq('lead.name', 'Uma').order('id'),
  [LEADS[0], LEADS[1]])
everywhere('a spread function of the row',
  (db, id) => db.from('films').select('title,...lead(star:name)').eq('id', id(1)),
  [{ title: 'Dawn', star: 'Uma' }])
everywhere('a computed column of rows that a function returns',
  (db) => db.rpc('films_since', { since: 2012 }).select('label'),
  [{ label: 'Dawn Forever (2012)' }])

everywhere('aggregates',
  (db) => db.from('films').select('count(),first:year.min(),last:year.max(),mean:year.avg()::int'),
  [{ count: 5, first: 1990, last: 2012, mean: 2001 }])
everywhere('aggregates in groups',
  (db) => db.from('films').select('genre:info->>genre,year.max()').not('info', 'is', null)
    .order('info->>genre'),
  [{ genre: 'comedy', max: 2012 }, { genre: 'drama', max: 1995 }, { genre: 'noir', max: 2000 }])
everywhere('aggregates inside of an embed',
  (db) => db.from('films').select('id,screenings(count(),last:day.max())').order('id').limit(2),
  [
    { id: 1, screenings: [{ count: 2, last: '2024-06-02' }] },
    { id: 2, screenings: [{ count: 1, last: '2024-06-01' }] },
  ])
everywhere('an aggregate beside a spread',
  (db) => db.from('screenings').select('...films(title),count()').order('films(title)'),
  [{ title: 'Dawn', count: 2 }, { title: 'Dawn Returns', count: 1 }, { title: 'Echo', count: 1 }])

everywhere('null filtering inside of or',
  (db) => db.from('films').select('id,screenings(),film_details()')
    .or('screenings.not.is.null,film_details.is.null').order('id'),
  [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }])
everywhere('spread of a to-many, ordered',
  (db, id) => db.from('films').select('...actors(names:name)').eq('id', id(1))
    .order('name', { referencedTable: 'actors', ascending: false }),
  [{ names: ['Vic', 'Uma'] }])
everywhere('a cast to an enum',
  (db, id) => db.from('samples').select('label::mood').eq('id', id(1)).limit(0), [])
everywhere('csv of an embed',
  (db, id) => db.from('films').select('title,...directors!director_id(by:name)').eq('id', id(1)).csv(),
  'title,by\nDawn,Ava')
everywhere('geojson',
  (db, id) => db.from('films').select('title').eq('id', id(1)).geojson(),
  { type: 'FeatureCollection', features: [{ type: 'Feature', properties: { title: 'Dawn' } }] })
everywhere('nulls are stripped',
  (db, id) => db.from('films').select('id,producer_id,sequel_of').eq('id', id(3)).stripNulls(),
  [{ id: 3 }])

for (const [name, db] of [['open', anon], ['under policies', guarded.alice]]) {
  test(`a function of the row that no policy lists is not there: ${name}`, async () => {
    const hidden = await db.from('films').select('unlisted_label')
    const missing = await db.from('films').select('unlosted_label')
    assert.equal(missing.error.code, '42703')
    assert.equal(JSON.stringify(hidden.error).replaceAll('unlisted', 'unlosted'),
      JSON.stringify(missing.error))
  })
  test(`explain tells the plan: ${name}`, async () => {
    const text = ok(await db.from('films').select('id').explain())
    assert.match(text, /cost=/)
    const [{ Plan: plan }] = ok(await db.from('films').select('id').explain({ format: 'json', verbose: true }))
    assert.ok(Array.isArray(plan.Output))
    const analyzed = ok(await db.from('films').select('id').explain({ analyze: true }))
    assert.match(analyzed, /actual time=/)
  })
  test(`a request is given up: ${name}`, async () => {
    const controller = new AbortController()
    const asked = db.from('films').select('id').abortSignal(controller.signal)
    controller.abort()
    const result = await asked
    assert.match(result.error.message, /abort/i)
    // The next one is answered.
    assert.equal(ok(await db.from('films').select('id')).length, 5)
  })
  test(`a media type that nobody makes: ${name}`, async () => {
    const lines = await db.from('films').select('id').setHeader('Accept', 'text/x-secret')
    const missing = await db.from('films').select('id').setHeader('Accept', 'text/x-nothing')
    assert.equal(missing.error.code, 'PGRST107')
    assert.equal(JSON.stringify(lines.error).replaceAll('x-secret', 'x-nothing'),
      JSON.stringify(missing.error))
  })
}

test('aggregates are refused where the policy does not allow them', async () => {
  refused(await guarded.alice.from('actors').select('count()'), 400, 'Bad Request',
    { code: 'PGRST123' })
  // Not through an embed either.
  refused(await guarded.alice.from('films').select('actors(count())'), 400, 'Bad Request',
    { code: 'PGRST123' })
})
test('rollback undoes a write and still returns its rows', async () => {
  const write = (db) => db.from('stocks').insert({ sku: 'gone' }).select('sku')
  assert.deepEqual(ok(await write(anon).rollback()), [{ sku: 'gone' }])
  assert.deepEqual(ok(await anon.from('stocks').select('sku').eq('sku', 'gone')), [])
})
test('rollback undoes what a function did', async () => {
  const made = ok(await anon.rpc('make_stock', { sku: 'undone' }).rollback())
  assert.deepEqual(made, [{ sku: 'undone', quantity: 7, place: 'store' }])
  assert.deepEqual(ok(await anon.from('stocks').select('sku').eq('sku', 'undone')), [])
})
test('upsert leaves duplicates alone, and fills in defaults', async (t) => {
  t.after(() => service.from('stocks').delete().in('sku', ['u1', 'u2', 'u3']))
  ok(await anon.from('stocks').insert({ sku: 'u1', quantity: 5, place: 'attic' }))
  const ignored = ok(await anon.from('stocks')
    .upsert([{ sku: 'u1', quantity: 1 }, { sku: 'u2', quantity: 2 }],
      { onConflict: 'sku', ignoreDuplicates: true }).select('sku'))
  assert.deepEqual(ignored, [{ sku: 'u2' }])
  const merged = ok(await anon.from('stocks')
    .upsert([{ sku: 'u1', quantity: 1 }, { sku: 'u3', place: 'shed' }],
      { onConflict: 'sku', defaultToNull: false }).select('sku,quantity,place').order('sku'))
  assert.deepEqual(merged, [
    { sku: 'u1', quantity: 1, place: 'store' },
    { sku: 'u3', quantity: 1, place: 'shed' },
  ])
})
test('maxAffected bounds what a function returns', async () => {
  refused(await anon.rpc('films_since', { since: 1990 }).maxAffected(2), 400, 'Bad Request',
    { code: 'PGRST124' })
  assert.equal(ok(await anon.rpc('films_since', { since: 1990 }).maxAffected(5)).length, 5)
  refused(await anon.rpc('add', { a: 1, b: 2 }).maxAffected(1), 400, 'Bad Request',
    { code: 'PGRST128' })
})
test('an aggregate makes the media type that it is named for, of visible rows', async () => {
  // The client reads what is neither JSON nor CSV as an error's text.
  const lines = (profile, token) => request('/rest/v1/films?select=id&order=id&id=lt.200', {
    token,
    headers: { accept: 'text/x-lines', 'accept-profile': profile },
  })
  const ofAll = (ids) => ids.map((id) => `{"id": ${id}}\n`).join('')
  const open = await lines('public')
  assert.deepEqual([open.status, open.headers.get('content-type')], [200, 'text/x-lines'])
  assert.equal(await open.text(), ofAll([1, 2, 3, 4, 5]))
  assert.equal(await (await lines('guarded', tokens.bob)).text(), ofAll([101, 102, 103, 104, 105]))
})
