// Refusals: code, message, details, hint, status and status text, as the dialect has them.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { ALICE, alice, anon, BOB, guarded, ok, refused, request, service } from '../support/clients.mjs'

after(async () => {
  ok(await service.from('comments').delete().gte('id', 0))
  ok(await service.from('notes').delete().gte('id', 0))
})

/** Two refusals that must be equal but for the name that was asked for. */
function sameBut(hidden, missing, [hiddenName, missingName]) {
  assert.notEqual(missing.error, null)
  assert.deepEqual(
    JSON.parse(JSON.stringify(hidden).replaceAll(hiddenName, missingName)),
    JSON.parse(JSON.stringify(missing)),
  )
}

test('an unknown table', async () => {
  refused(await anon.from('xyzzy').select(), 404, 'Not Found', {
    code: 'PGRST205',
    message: "Could not find the table 'public.xyzzy' in the schema cache",
    details: null,
    hint: null,
  })
})
test('an unknown table that resembles a visible one', async () => {
  refused(await anon.from('samplez').select(), 404, 'Not Found', {
    code: 'PGRST205',
    hint: "Perhaps you meant the table 'public.samples'",
  })
})
test('a hidden table answers as a missing one', async () => {
  sameBut(await guarded.alice.from('vault').select(), await guarded.alice.from('vawlt').select(),
    ['vault', 'vawlt'])
})
test('a hidden table is not hinted at', async () => {
  refused(await guarded.alice.from('vaults').select(), 404, 'Not Found',
    { code: 'PGRST205', hint: null })
})
test('a hidden table answers writes as a missing one', async () => {
  const attempts = [
    (table) => guarded.alice.from(table).insert({ id: 9, content: 'x' }),
    (table) => guarded.alice.from(table).upsert({ id: 9, content: 'x' }),
    (table) => guarded.alice.from(table).update({ content: 'x' }).eq('id', 1),
    (table) => guarded.alice.from(table).delete().eq('id', 1),
  ]
  for (const attempt of attempts) {
    sameBut(await attempt('vault'), await attempt('vawlt'), ['vault', 'vawlt'])
  }
  assert.equal(ok(await guarded.service.from('vault').select()).length, 1)
})
test('a table that only signed-in users see is missing for the anonymous', async () => {
  sameBut(await guarded.anon.from('films').select(), await guarded.anon.from('folms').select(),
    ['films', 'folms'])
})
test('a hidden table cannot be embedded', async () => {
  const embed = (name) => guarded.alice.from('films').select(`id,${name}(id)`)
  refused(await embed('vawlt'), 400, 'Bad Request', {
    code: 'PGRST200',
    message: "Could not find a relationship between 'films' and 'vawlt' in the schema cache",
    details: "Searched for a foreign key relationship between 'films' and 'vawlt' in the schema "
      + "'guarded', but no matches were found.",
    hint: null,
  })
  sameBut(await embed('vault'), await embed('vawlt'), ['vault', 'vawlt'])
})
test('an embed with a wrong hint', async () => {
  refused(await anon.from('films').select('directors!nope(name)'), 400, 'Bad Request', {
    code: 'PGRST200',
    details: "Searched for a foreign key relationship between 'films' and 'directors' using the "
      + "hint 'nope' in the schema 'public', but no matches were found.",
  })
})
test('an unrelated embed suggests a related name', async () => {
  refused(await anon.from('films').select('screening(id)'), 400, 'Bad Request', {
    code: 'PGRST200',
    hint: "Perhaps you meant 'screenings' instead of 'screening'.",
  })
})

test('an unknown column in select', async () => {
  refused(await anon.from('samples').select('xyzzy'), 400, 'Bad Request',
    { code: '42703', message: 'column samples.xyzzy does not exist', details: null })
})
test('an unknown column in a filter', async () => {
  refused(await anon.from('samples').select('id').eq('xyzzy', 1), 400, 'Bad Request',
    { code: '42703', message: 'column samples.xyzzy does not exist' })
})
test('an unknown column in order', async () => {
  refused(await anon.from('samples').select('id').order('xyzzy'), 400, 'Bad Request',
    { code: '42703', message: 'column samples.xyzzy does not exist' })
})
const hiddenColumn = {
  select: (db, column) => db.from('films').select(`id,${column}`),
  alias: (db, column) => db.from('films').select(`id,x:${column}::text`),
  filter: (db, column) => db.from('films').select('id').eq(column, 'x'),
  'filter by pattern': (db, column) => db.from('films').select('id').like(column, 'h%'),
  or: (db, column) => db.from('films').select('id').or(`${column}.eq.hidden,id.eq.1`),
  order: (db, column) => db.from('films').select('id').order(column),
  embed: (db, column) => db.from('screenings').select(`id,films(${column})`),
  'filter in an embed': (db, column) => db.from('screenings').select('id,films(id)').eq(`films.${column}`, 'x'),
  'order in an embed': (db, column) => db.from('directors')
    .select('id,films!films_director_id_fkey(id)').order(column, { referencedTable: 'films' }),
  'order by a related table': (db, column) => db.from('screenings').select('id,films(id)').order(`films(${column})`),
  spread: (db, column) => db.from('screenings').select(`id,...films(${column})`),
  csv: (db, column) => db.from('films').select(column).csv(),
}
for (const [place, ask] of Object.entries(hiddenColumn)) {
  test(`a hidden column answers as a missing one: ${place}`, async () => {
    const [hidden, missing] = [await ask(guarded.alice, 'secret'), await ask(guarded.alice, 'sekrut')]
    assert.equal(missing.status, 400)
    sameBut(hidden, missing, ['secret', 'sekrut'])
  })
}
const hiddenColumnWrites = {
  insert: (column) => guarded.alice.from('notes').insert({ title: 't', [column]: 'x' }),
  'bulk insert': (column) => guarded.alice.from('notes').insert([{ title: 't', [column]: 'x' }]),
  upsert: (column) => guarded.alice.from('notes').upsert({ id: 1, title: 't', [column]: 'x' }),
  update: (column) => guarded.alice.from('notes').update({ [column]: 'x' }).eq('id', 1),
}
for (const [verb, write] of Object.entries(hiddenColumnWrites)) {
  test(`a hidden column answers as a missing one: ${verb}`, async () => {
    const missing = await write('sekrut')
    refused(missing, 400, 'Bad Request', {
      code: 'PGRST204',
      message: "Could not find the 'sekrut' column of 'notes' in the schema cache",
      details: null,
      hint: null,
    })
    sameBut(await write('secret'), missing, ['secret', 'sekrut'])
  })
}
test('a generated column cannot be written', async () => {
  const result = await anon.from('notes').insert({ title: 't', title_length: 5 })
  assert.equal(result.status, 400)
  assert.ok(['428C9', 'PGRST204'].includes(result.error.code), result.error.code)
})

test('a denied insert of the anonymous answers 401', async () => {
  refused(await guarded.anon.from('messages').insert({ sender: ALICE, text: 'x' }), 401,
    'Unauthorized', { code: '42501', details: null })
})
test('a denied insert of a user answers 403', async () => {
  refused(await guarded.alice.from('messages').insert({ sender: BOB, text: 'x' }), 403,
    'Forbidden', { code: '42501', details: null })
})
test('a verb without a grant answers 401 to the anonymous', async () => {
  refused(await guarded.anon.from('notes').delete().eq('id', 1), 401, 'Unauthorized',
    { code: '42501' })
})
test('a verb without a grant answers 403 to a user', async () => {
  refused(await guarded.alice.from('messages').delete().eq('id', 1), 403, 'Forbidden',
    { code: '42501' })
})

test('a unique violation answers 409', async () => {
  ok(await anon.from('notes').insert({ title: 'one', slug: 'same' }))
  refused(await anon.from('notes').insert({ title: 'two', slug: 'same' }), 409, 'Conflict', {
    code: '23505',
    message: 'duplicate key value violates unique constraint "notes_slug_key"',
    hint: null,
  })
})
test('a foreign key violation answers 409', async () => {
  refused(await anon.from('comments').insert({ note_id: -1, text: 'x' }), 409, 'Conflict',
    { code: '23503' })
})
test('a check violation answers 400', async () => {
  refused(await anon.from('notes').insert({ title: 'six', stars: 6 }), 400, 'Bad Request', {
    code: '23514',
    message: 'new row for relation "notes" violates check constraint "notes_stars_check"',
  })
})
test('a missing required value answers 400', async () => {
  refused(await anon.from('notes').insert({ body: 'x' }), 400, 'Bad Request', {
    code: '23502',
    message: 'null value in column "title" of relation "notes" violates not-null constraint',
  })
})
test('a value of the wrong type in a filter', async () => {
  refused(await anon.from('samples').select('id').eq('id', 'one'), 400, 'Bad Request', {
    code: '22P02',
    message: 'invalid input syntax for type integer: "one"',
    details: null,
    hint: null,
  })
})
test('a value of the wrong type in a body', async () => {
  refused(await anon.from('notes').insert({ title: 't', stars: 'many' }), 400, 'Bad Request', {
    code: '22P02',
    message: 'invalid input syntax for type integer: "many"',
  })
})
test('a wrong enum value', async () => {
  refused(await anon.from('samples').select('id').eq('mood', 'sleepy'), 400, 'Bad Request', {
    code: '22P02',
    message: 'invalid input value for enum mood: "sleepy"',
  })
})
test('a wrong regular expression', async () => {
  refused(await anon.from('samples').select('id').regexMatch('label', '('), 400, 'Bad Request',
    { code: '2201B' })
})

for (const [rows, apply] of [[0, (q) => q.eq('id', -1)], [2, (q) => q.in('label', ['alpha', 'beta'])]]) {
  test(`single with ${rows} rows answers 406`, async () => {
    for (const db of [anon, guarded.alice]) {
      refused(await apply(db.from('samples').select('id')).single(), 406, 'Not Acceptable', {
        code: 'PGRST116',
        message: 'Cannot coerce the result to a single JSON object',
        details: `The result contains ${rows} rows`,
        hint: null,
      })
    }
  })
}
test('a filter that cannot be parsed', async () => {
  refused(await anon.from('samples').select('id').filter('id', 'equals', 1), 400, 'Bad Request',
    { code: 'PGRST100' })
})
test('a select that cannot be parsed', async () => {
  refused(await anon.from('samples').select('id,,label('), 400, 'Bad Request', { code: 'PGRST100' })
})
test('a filter on a table that is not embedded', async () => {
  refused(await anon.from('films').select('id').eq('screenings.id', 1), 400, 'Bad Request', {
    code: 'PGRST108',
    message: "'screenings' is not an embedded resource in this request",
    hint: "Verify that 'screenings' is included in the 'select' query parameter.",
  })
})
test('order by a to-many table', async () => {
  refused(await anon.from('films').select('id,screenings(id)').order('screenings(id)'), 400,
    'Bad Request', {
      code: 'PGRST118',
      message: "A related order on 'screenings' is not possible",
      details: "'films' and 'screenings' do not form a many-to-one or one-to-one relationship",
    })
})
test('an unknown schema', async () => {
  refused(await anon.schema('secret_schema').from('x').select(), 406, 'Not Acceptable', {
    code: 'PGRST106',
    message: 'Invalid schema: secret_schema',
    hint: 'Only the following schemas are exposed: public, guarded, personal',
  })
})
test('objects with different keys, without columns', async () => {
  const response = await request('/rest/v1/stocks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '[{"sku":"a"},{"sku":"b","quantity":1}]',
  })
  assert.deepEqual([response.status, await response.json()], [400,
    { code: 'PGRST102', details: null, hint: null, message: 'All object keys must match' }])
})
test('a body that is not JSON', async () => {
  const response = await request('/rest/v1/stocks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sku":',
  })
  assert.deepEqual([response.status, (await response.json()).code], [400, 'PGRST102'])
})
test('an unacceptable media type', async () => {
  const response = await request('/rest/v1/samples', { headers: { accept: 'image/png' } })
  assert.deepEqual([response.status, await response.json()], [406, {
    code: 'PGRST107',
    details: null,
    hint: null,
    message: 'None of these media types are available: image/png',
  }])
})
test('a path that names nothing', async () => {
  const response = await request('/rest/v1/films/1')
  assert.deepEqual([response.status, await response.json()], [404,
    { code: 'PGRST125', details: null, hint: null, message: 'Invalid path specified in request URL' }])
})
test('a policy’s error comes before the database’s', async () => {
  refused(await guarded.alice.from('messages').insert({ sender: BOB, text: null }), 403, 'Forbidden',
    { code: '42501' })
})
test('aggregates are off unless a policy allows them', async () => {
  refused(await alice.schema('guarded').from('actors').select('name.max()'), 400, 'Bad Request',
    { code: 'PGRST123', message: 'Use of aggregate functions is not allowed' })
})
