// Functions: every kind of result, by POST, GET and HEAD.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { ALICE, alice, anon, bob, guarded, ok, refused, service } from '../support/clients.mjs'

after(async () => ok(await service.from('stocks').delete().neq('sku', '')))

/** One call by POST and by GET, which must agree. */
function call(name, build, expected) {
  for (const get of [false, true]) {
    test(`${name}: ${get ? 'get' : 'post'}`, async () => {
      const result = await build({ get })
      assert.deepEqual(ok(result), expected)
      assert.deepEqual([result.status, result.statusText], [200, 'OK'])
    })
  }
}

call('a scalar', (how) => anon.rpc('add', { a: 1, b: 2 }, how), 3)
call('a default for an argument', (how) => anon.rpc('add', { a: 1 }, how), 11)
call('an array argument', (how) => anon.rpc('sum_all', { numbers: [1, 2, 3] }, how), 6)
call('an empty array argument', (how) => anon.rpc('sum_all', { numbers: [] }, how), null)
call('a set of scalars', (how) => anon.rpc('film_years', {}, how), [1990, 1995, 2000, 2010, 2012])
call('a set of rows', (how) => anon.rpc('films_since', { since: 2010 }, how).select('id').order('id'),
  [{ id: 4 }, { id: 5 }])
call('a single composite', (how) => anon.rpc('first_film', {}, how).select('id,title'),
  { id: 1, title: 'Dawn' })
call('a table', (how) => anon.rpc('film_counts', {}, how),
  [{ director: 'Ava', films: 2 }, { director: 'Ben', films: 2 }])
call('a filter on a result', (how) => anon.rpc('films_since', { since: 1990 }, how)
  .select('id').eq('title', 'Echo'), [{ id: 3 }])
call('order and limit on a result', (how) => anon.rpc('films_since', { since: 1990 }, how)
  .select('id').order('year', { ascending: false }).limit(2), [{ id: 5 }, { id: 4 }])
call('or on a result', (how) => anon.rpc('films_since', { since: 1990 }, how)
  .select('id').or('title.eq.Echo,year.lt.1991').order('id'), [{ id: 1 }, { id: 3 }])
call('select with an alias and a cast on a result', (how) => anon.rpc('films_since', { since: 2012 }, how)
  .select('name:title,year::text'), [{ name: 'Dawn Forever', year: '2012' }])
call('an embed on a result', (how) => anon.rpc('films_since', { since: 2000 }, how)
  .select('id,film_details(tagline)').eq('id', 3), [{ id: 3, film_details: { tagline: 'Hear it' } }])
call('an embed on a single composite', (how) => anon.rpc('first_film', {}, how)
  .select('id,roles(character)').order('character', { referencedTable: 'roles' }),
{ id: 1, roles: [{ character: 'Moon' }, { character: 'Sun' }] })
call('single on a result', (how) => anon.rpc('films_since', { since: 2012 }, how)
  .select('id').single(), { id: 5 })
call('maybeSingle on a result', (how) => anon.rpc('films_since', { since: 3000 }, how)
  .select('id').maybeSingle(), null)
call('csv of a result', (how) => anon.rpc('film_counts', {}, how).csv(), 'director,films\nAva,2\nBen,2')
call('the caller’s claims in a native function', (how) => alice.rpc('whoami', {}, how),
  { uid: ALICE, role: 'authenticated' })
call('the anonymous in a native function', (how) => anon.rpc('whoami', {}, how),
  { uid: null, role: 'anon' })
call('a table of another schema', (how) => anon.schema('personal')
  .rpc('get_status', { name_param: 'supabot' }, how), 'ONLINE')

test('void answers 204', async () => {
  const result = await anon.rpc('ping')
  assert.deepEqual([ok(result), result.status, result.statusText], [null, 204, 'No Content'])
})
test('a JSON argument', async () => {
  assert.equal(ok(await anon.rpc('doc_kind', { doc: { kind: 'book' } })), 'book')
})
test('head answers without a body', async () => {
  const result = await anon.rpc('film_years', {}, { head: true })
  assert.deepEqual([ok(result), result.status], [null, 200])
})
test('head with a count', async () => {
  const result = await anon.rpc('films_since', { since: 2000 }, { head: true, count: 'exact' })
  assert.deepEqual([ok(result), result.count, result.status], [null, 3, 200])
})
test('a count of a result', async () => {
  const result = await anon.rpc('films_since', { since: 2000 }, { count: 'exact' })
  assert.deepEqual([ok(result).length, result.count, result.status], [3, 3, 200])
})
test('a range of a counted result answers 206', async () => {
  const result = await anon.rpc('films_since', { since: 1990 }, { count: 'exact' })
    .select('id').order('id').range(1, 2)
  assert.deepEqual([ok(result), result.count, result.status], [[{ id: 2 }, { id: 3 }], 5, 206])
})
test('a volatile function writes and returns its rows', async () => {
  const result = await anon.rpc('make_stock', { sku: 'made' })
  assert.deepEqual([ok(result), result.status], [[{ sku: 'made', quantity: 7, place: 'store' }], 200])
})
test('a volatile function cannot write by GET', async () => {
  const result = await anon.rpc('make_stock', { sku: 'unmade' }, { get: true })
  refused(result, 405, 'Method Not Allowed', {
    code: '25006',
    message: 'cannot execute INSERT in a read-only transaction',
  })
  assert.deepEqual(ok(await anon.from('stocks').select().eq('sku', 'unmade')), [])
})

test('RAISE answers 400 with its texts', async () => {
  refused(await anon.rpc('fail', { message: 'oh no' }), 400, 'Bad Request',
    { code: 'P0001', message: 'oh no', details: 'the detail', hint: 'the hint' })
})
test('RAISE with PT402 answers 402', async () => {
  refused(await anon.rpc('payment_required'), 402, 'Payment Required', {
    code: 'PT402',
    message: 'Payment Required',
    details: 'Quota exceeded',
    hint: 'Upgrade your plan',
  })
})
test('an unknown function', async () => {
  refused(await anon.rpc('xyzzy'), 404, 'Not Found', {
    code: 'PGRST202',
    message: 'Could not find the function public.xyzzy without parameters in the schema cache',
    details: 'Searched for the function public.xyzzy without parameters or with a single unnamed '
      + 'json/jsonb parameter, but no matches were found in the schema cache.',
    hint: null,
  })
})
test('unknown arguments choose no function', async () => {
  refused(await anon.rpc('add', { a: 1, c: 2 }), 404, 'Not Found', {
    code: 'PGRST202',
    message: 'Could not find the function public.add(a, c) in the schema cache',
    details: 'Searched for the function public.add with parameters a, c or with a single unnamed '
      + 'json/jsonb parameter, but no matches were found in the schema cache.',
    hint: 'Perhaps you meant to call the function public.add(a, b)',
  })
})
test('a function whose name resembles a visible one', async () => {
  refused(await anon.rpc('film_countz'), 404, 'Not Found',
    { code: 'PGRST202', hint: 'Perhaps you meant to call the function public.film_counts' })
})
test('unknown arguments by GET', async () => {
  refused(await anon.rpc('add', { x: 1 }, { get: true }), 404, 'Not Found', {
    code: 'PGRST202',
    details: 'Searched for the function public.add with parameter x, but no matches were found in '
      + 'the schema cache.',
  })
})
test('an argument of the wrong type', async () => {
  refused(await anon.rpc('add', { a: 'one' }), 400, 'Bad Request', {
    code: '22P02',
    message: 'invalid input syntax for type integer: "one"',
  })
})
test('a function that no policy lists does not exist', async () => {
  const hidden = await guarded.alice.rpc('unlisted')
  const missing = await guarded.alice.rpc('unlosted')
  assert.equal(hidden.status, 404)
  assert.equal(JSON.stringify(hidden.error).replaceAll('unlisted', 'unlosted'),
    JSON.stringify(missing.error))
})
test('a function listed for another role does not exist', async () => {
  refused(await guarded.anon.rpc('films_since', { since: 1 }), 404, 'Not Found', { code: 'PGRST202' })
})
test('rows of a trusted function pass through the policy of their table', async () => {
  const titles = (db) => db.rpc('films_since', { since: 2010 }).order('id')
  const hers = ok(await titles(guarded.alice))
  assert.deepEqual(hers.map((row) => row.id), [4, 5])
  assert.deepEqual(Object.keys(hers[0]),
    ['id', 'title', 'year', 'director_id', 'producer_id', 'sequel_of', 'info'])
  assert.deepEqual(ok(await titles(bob.schema('guarded'))).map((row) => row.id), [104, 105])
})
test('a count of a trusted function’s rows counts visible rows only', async () => {
  for (const head of [false, true]) {
    const result = await guarded.alice.rpc('films_since', { since: 2010 }, { count: 'exact', head })
    assert.equal(result.count, 2)
  }
})
test('a hidden column of a trusted function’s rows answers as a missing one', async () => {
  const asks = [
    (column) => guarded.alice.rpc('films_since', { since: 1 }).select(`id,${column}`),
    (column) => guarded.alice.rpc('films_since', { since: 1 }).eq(column, 'x'),
    (column) => guarded.alice.rpc('films_since', { since: 1 }).order(column),
  ]
  for (const ask of asks) {
    const [hidden, missing] = [await ask('secret'), await ask('sekrut')]
    assert.equal(missing.error.code, '42703')
    assert.equal(JSON.stringify(hidden.error).replaceAll('secret', 'sekrut'),
      JSON.stringify(missing.error))
  }
})
test('an embed on a trusted function’s rows is filtered', async () => {
  const rows = ok(await guarded.alice.rpc('films_since', { since: 1995 })
    .select('id,sequel_of(title),roles(character)').eq('id', 2))
  assert.deepEqual(rows, [{ id: 2, sequel_of: { title: 'Dawn' }, roles: [{ character: 'Sun' }] }])
})
test('the service key calls a function that no policy lists', async () => {
  assert.equal(ok(await guarded.service.rpc('unlisted')), 1)
})
