// Insert, upsert, update and delete on open tables.
import assert from 'node:assert/strict'
import test, { afterEach } from 'node:test'
import { ALICE, alice, anon, ok, refused, request, service } from '../support/clients.mjs'

afterEach(async () => {
  ok(await service.from('comments').delete().gte('id', 0))
  ok(await service.from('notes').delete().gte('id', 0))
  ok(await service.from('stocks').delete().neq('sku', ''))
  ok(await service.from('stock_moves').delete().neq('sku', ''))
})

const written = (result, status, statusText, data = null) => {
  ok(result)
  assert.deepEqual([result.status, result.statusText, result.data], [status, statusText, data])
}
const stocks = async () =>
  ok(await anon.from('stocks').select('sku,quantity,place').order('sku'))

test('insert answers 201 without a body', async () => {
  written(await anon.from('stocks').insert({ sku: 'a', quantity: 2, place: 'shelf' }), 201, 'Created')
  assert.deepEqual(await stocks(), [{ sku: 'a', quantity: 2, place: 'shelf' }])
})
test('insert with select gives the row', async () => {
  const result = await anon.from('stocks').insert({ sku: 'a' }).select()
  written(result, 201, 'Created', [{ sku: 'a', quantity: 1, place: 'store' }])
})
test('insert with some columns selected', async () => {
  const result = await anon.from('stocks').insert({ sku: 'a', quantity: 5 })
    .select('code:sku,quantity::text')
  written(result, 201, 'Created', [{ code: 'a', quantity: '5' }])
})
test('insert with single gives an object', async () => {
  const result = await anon.from('stocks').insert({ sku: 'a' }).select('sku').single()
  written(result, 201, 'Created', { sku: 'a' })
})
test('insert with maybeSingle gives an object', async () => {
  const result = await anon.from('stocks').insert({ sku: 'a' }).select('sku').maybeSingle()
  written(result, 201, 'Created', { sku: 'a' })
})
test('insert with a count', async () => {
  const result = await anon.from('stocks').insert([{ sku: 'a' }, { sku: 'b' }], { count: 'exact' })
  written(result, 201, 'Created')
  assert.equal(result.count, 2)
})
test('bulk insert', async () => {
  const rows = [{ sku: 'a', quantity: 1 }, { sku: 'b', quantity: 2 }]
  written(await anon.from('stocks').insert(rows).select('sku,quantity'), 201, 'Created', rows)
})
test('bulk insert of different keys fills with null', async () => {
  ok(await anon.from('stocks').insert([{ sku: 'a', quantity: 2 }, { sku: 'b', place: 'shelf' }]))
  assert.deepEqual(await stocks(), [
    { sku: 'a', quantity: 2, place: null },
    { sku: 'b', quantity: null, place: 'shelf' },
  ])
})
test('bulk insert with defaultToNull false fills with defaults', async () => {
  ok(await anon.from('stocks')
    .insert([{ sku: 'a', quantity: 2 }, { sku: 'b', place: 'shelf' }], { defaultToNull: false }))
  assert.deepEqual(await stocks(), [
    { sku: 'a', quantity: 2, place: 'store' },
    { sku: 'b', quantity: 1, place: 'shelf' },
  ])
})
test('bulk insert of nothing', async () => {
  written(await anon.from('stocks').insert([]).select(), 201, 'Created', [])
  written(await anon.from('stocks').insert([]), 201, 'Created')
})
test('insert of an empty object takes every default', async () => {
  const result = await service.from('notes').insert({ title: 'only' }).select('title,body,stars')
  written(result, 201, 'Created', [{ title: 'only', body: 'empty', stars: 0 }])
})
test('insert of JSON, arrays and generated columns', async () => {
  const row = { title: 'héllo', data: { deep: [1, { a: null }] }, tags: ['a,b', '"q"', 'ü'] }
  const result = await anon.from('notes').insert(row).select('title,data,tags,title_length').single()
  written(result, 201, 'Created', { ...row, title_length: 5 })
})
test('insert of strings that look like SQL or JSON keeps them', async () => {
  const title = `'; drop table notes; -- "$1" {a} \\ %`
  const result = await anon.from('notes').insert({ title }).select('title').single()
  written(result, 201, 'Created', { title })
})
test('a column default of auth.uid() is the caller', async () => {
  const result = await alice.from('notes').insert({ title: 'mine' }).select('author').single()
  written(result, 201, 'Created', { author: ALICE })
})
test('a column default of auth.uid() is null for the anonymous', async () => {
  const result = await anon.from('notes').insert({ title: 'nobody’s' }).select('author').single()
  written(result, 201, 'Created', { author: null })
})
test('insert with an embedded parent', async () => {
  const note = ok(await anon.from('notes').insert({ title: 'parent' }).select('id').single())
  const result = await anon.from('comments').insert({ note_id: note.id, text: 'child' })
    .select('text,notes(title)')
  written(result, 201, 'Created', [{ text: 'child', notes: { title: 'parent' } }])
})

test('upsert inserts with 201', async () => {
  written(await anon.from('stocks').upsert({ sku: 'a', quantity: 3 }), 201, 'Created')
})
test('upsert merges with 200', async () => {
  ok(await anon.from('stocks').insert({ sku: 'a', quantity: 3, place: 'shelf' }))
  const result = await anon.from('stocks').upsert({ sku: 'a', quantity: 4 }).select()
  written(result, 200, 'OK', [{ sku: 'a', quantity: 4, place: 'shelf' }])
})
test('upsert of many merges some and inserts others', async () => {
  ok(await anon.from('stocks').insert({ sku: 'a', quantity: 3 }))
  const result = await anon.from('stocks')
    .upsert([{ sku: 'a', quantity: 5 }, { sku: 'b', quantity: 6 }]).select('sku,quantity').order('sku')
  written(result, 201, 'Created', [{ sku: 'a', quantity: 5 }, { sku: 'b', quantity: 6 }])
})
test('upsert that ignores duplicates', async () => {
  ok(await anon.from('stocks').insert({ sku: 'a', quantity: 3 }))
  const result = await anon.from('stocks')
    .upsert([{ sku: 'a', quantity: 9 }, { sku: 'b', quantity: 6 }], { ignoreDuplicates: true })
    .select('sku,quantity')
  written(result, 201, 'Created', [{ sku: 'b', quantity: 6 }])
  assert.equal((await stocks())[0].quantity, 3)
})
test('upsert on a composite key', async () => {
  const move = { warehouse: 'north', sku: 'a' }
  ok(await anon.from('stock_moves').upsert({ ...move, quantity: 1 }))
  ok(await anon.from('stock_moves').upsert({ ...move, quantity: 2 }))
  const rows = ok(await anon.from('stock_moves').select())
  assert.deepEqual(rows, [{ ...move, quantity: 2 }])
})
test('upsert with onConflict on a unique column', async () => {
  ok(await anon.from('notes').insert({ title: 'old', slug: 's' }))
  const result = await anon.from('notes')
    .upsert({ title: 'new', slug: 's' }, { onConflict: 'slug' }).select('title,slug')
  written(result, 200, 'OK', [{ title: 'new', slug: 's' }])
})
test('upsert with defaultToNull false', async () => {
  ok(await anon.from('stocks').upsert([{ sku: 'a', quantity: 2 }, { sku: 'b', place: 'shelf' }],
    { defaultToNull: false }))
  assert.deepEqual(await stocks(), [
    { sku: 'a', quantity: 2, place: 'store' },
    { sku: 'b', quantity: 1, place: 'shelf' },
  ])
})
test('upsert of nothing', async () => {
  written(await anon.from('stocks').upsert([]).select(), 200, 'OK', [])
})

const three = [{ sku: 'a', quantity: 1 }, { sku: 'b', quantity: 2 }, { sku: 'c', quantity: 3 }]
const fill = async () => ok(await anon.from('stocks').insert(three))

test('update answers 204 without a body', async () => {
  await fill()
  written(await anon.from('stocks').update({ quantity: 9 }).eq('sku', 'a'), 204, 'No Content')
  assert.deepEqual((await stocks()).map((row) => row.quantity), [9, 2, 3])
})
test('update with select gives the new rows', async () => {
  await fill()
  const result = await anon.from('stocks').update({ quantity: 9 }).gte('quantity', 2)
    .select('sku,quantity').order('sku', { ascending: false })
  written(result, 200, 'OK', [{ sku: 'c', quantity: 9 }, { sku: 'b', quantity: 9 }])
})
test('update of nothing is an empty list', async () => {
  written(await anon.from('stocks').update({ quantity: 9 }).eq('sku', 'x').select(), 200, 'OK', [])
  written(await anon.from('stocks').update({ quantity: 9 }).eq('sku', 'x'), 204, 'No Content')
})
test('update with a count', async () => {
  await fill()
  const result = await anon.from('stocks').update({ quantity: 9 }, { count: 'exact' })
    .lt('quantity', 3)
  assert.deepEqual([result.count, result.status], [2, 204])
})
test('update with single refuses two rows and changes nothing', async () => {
  await fill()
  const result = await anon.from('stocks').update({ quantity: 9 }).lt('quantity', 3).select().single()
  refused(result, 406, 'Not Acceptable', {
    code: 'PGRST116',
    message: 'Cannot coerce the result to a single JSON object',
    details: 'The result contains 2 rows',
    hint: null,
  })
  assert.deepEqual((await stocks()).map((row) => row.quantity), [1, 2, 3])
})
test('update with an empty object changes nothing', async () => {
  await fill()
  written(await anon.from('stocks').update({}).eq('sku', 'a'), 204, 'No Content')
  written(await anon.from('stocks').update({}).eq('sku', 'a').select(), 200, 'OK', [])
})
test('update to null', async () => {
  await fill()
  const result = await anon.from('stocks').update({ place: null }).eq('sku', 'a').select('place')
  written(result, 200, 'OK', [{ place: null }])
})
test('update runs the BEFORE trigger', async () => {
  ok(await anon.from('notes').insert({ title: 'old' }))
  const row = ok(await anon.from('notes').update({ title: 'newer' }).eq('title', 'old')
    .select('title_length,updated_at').single())
  assert.equal(row.title_length, 5)
  assert.notEqual(row.updated_at, '2000-01-01T00:00:00+00:00')
})
test('maxAffected lets a small change through', async () => {
  await fill()
  written(await anon.from('stocks').update({ quantity: 9 }).lt('quantity', 3).maxAffected(2),
    204, 'No Content')
})
test('maxAffected refuses a large update and changes nothing', async () => {
  await fill()
  const result = await anon.from('stocks').update({ quantity: 9 }).lt('quantity', 3).maxAffected(1)
  refused(result, 400, 'Bad Request', {
    code: 'PGRST124',
    message: 'Query result exceeds max-affected preference constraint',
    details: 'The query affects 2 rows',
    hint: null,
  })
  assert.deepEqual((await stocks()).map((row) => row.quantity), [1, 2, 3])
})
test('maxAffected refuses a large delete and deletes nothing', async () => {
  await fill()
  const result = await anon.from('stocks').delete().lt('quantity', 3).maxAffected(1).select()
  refused(result, 400, 'Bad Request', { code: 'PGRST124' })
  assert.equal((await stocks()).length, 3)
})

test('delete answers 204 without a body', async () => {
  await fill()
  written(await anon.from('stocks').delete().eq('sku', 'a'), 204, 'No Content')
  assert.deepEqual((await stocks()).map((row) => row.sku), ['b', 'c'])
})
test('delete with select gives the deleted rows', async () => {
  await fill()
  const result = await anon.from('stocks').delete().gte('quantity', 2).select('sku').order('sku')
  written(result, 200, 'OK', [{ sku: 'b' }, { sku: 'c' }])
})
test('delete with single', async () => {
  await fill()
  const result = await anon.from('stocks').delete().eq('sku', 'a').select('sku').single()
  written(result, 200, 'OK', { sku: 'a' })
})
test('delete with a count', async () => {
  await fill()
  const result = await anon.from('stocks').delete({ count: 'exact' }).in('sku', ['a', 'b', 'x'])
  assert.deepEqual([result.count, result.status], [2, 204])
})

test('Preference-Applied names what was applied', async () => {
  const response = await request('/rest/v1/stocks', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      prefer: 'return=representation,missing=default,resolution=merge-duplicates,count=exact',
    },
    body: JSON.stringify([{ sku: 'a' }]),
  })
  assert.equal(response.status, 201)
  assert.equal(response.headers.get('preference-applied'),
    'resolution=merge-duplicates, missing=default, return=representation, count=exact')
  assert.equal(response.headers.get('content-range'), '*/1')
})
