// Embedded resources: every cardinality, hint, filter and order, on open tables and under policies.
import assert from 'node:assert/strict'
import test from 'node:test'
import { anon, BOB, everywhere, guarded, ok, refused } from '../support/clients.mjs'

everywhere('to-one is an object',
  (db) => db.from('screenings').select('id,films(title)').order('id').limit(2),
  [{ id: 1, films: { title: 'Dawn' } }, { id: 2, films: { title: 'Dawn' } }])
everywhere('to-one of a null key is null',
  (db, id) => db.from('films').select('id,directors!films_director_id_fkey(name)').eq('id', id(4)),
  [{ id: 4, directors: null }])
everywhere('to-many is an array',
  (db) => db.from('films').select('id,screenings(id)').order('id').limit(4)
    .order('id', { referencedTable: 'screenings' }),
  [
    { id: 1, screenings: [{ id: 1 }, { id: 2 }] },
    { id: 2, screenings: [{ id: 3 }] },
    { id: 3, screenings: [{ id: 4 }] },
    { id: 4, screenings: [] },
  ])
everywhere('one-to-one is an object, from both sides',
  async (db, id) => {
    const film = await db.from('films').select('title,film_details(tagline)').eq('id', id(1)).single()
    const details = await db.from('film_details').select('tagline,films(title)')
      .eq('film_id', id(1)).single()
    return { error: film.error ?? details.error, data: [film.data, details.data] }
  },
  [
    { title: 'Dawn', film_details: { tagline: 'It begins' } },
    { tagline: 'It begins', films: { title: 'Dawn' } },
  ])
everywhere('many-to-many through the junction',
  (db, id) => db.from('films').select('title,actors(name)').eq('id', id(1))
    .order('name', { referencedTable: 'actors' }),
  [{ title: 'Dawn', actors: [{ name: 'Uma' }, { name: 'Vic' }] }])
everywhere('many-to-many with the junction as a hint',
  (db, id) => db.from('actors').select('name,films!roles(title)').eq('id', id(1))
    .order('title', { referencedTable: 'films' }),
  [{ name: 'Uma', films: [{ title: 'Dawn' }, { title: 'Dawn Returns' }] }])
everywhere('the junction itself, nested',
  (db, id) => db.from('films').select('title,roles(character,actors(name))').eq('id', id(3))
    .order('character', { referencedTable: 'roles' }),
  [{
    title: 'Echo',
    roles: [
      { character: 'Voice', actors: { name: 'Vic' } },
      { character: 'Wall', actors: { name: 'Wes' } },
    ],
  }])
everywhere('a composite key',
  (db) => db.from('screenings').select('id,halls(seats)').order('id').limit(3),
  [{ id: 1, halls: { seats: 100 } }, { id: 2, halls: { seats: 50 } }, { id: 3, halls: { seats: 80 } }])
everywhere('a composite key, from the other side',
  (db, id) => db.from('halls').select('seats,screenings(id)').eq('cinema_id', id(1)).order('number')
    .order('id', { referencedTable: 'screenings' }),
  [{ seats: 100, screenings: [{ id: 1 }, { id: 4 }] }, { seats: 50, screenings: [{ id: 2 }] }])

everywhere('a self reference to the parent, by its column',
  (db) => db.from('films').select('id,sequel_of(title)').in('title', ['Dawn', 'Dawn Returns']).order('id'),
  [{ id: 1, sequel_of: null }, { id: 2, sequel_of: { title: 'Dawn' } }])
everywhere('a self reference to the children, by the table',
  (db, id) => db.from('films').select('id,sequels:films(title)').eq('id', id(1)),
  [{ id: 1, sequels: [{ title: 'Dawn Returns' }] }])
everywhere('a self reference to the children, by hint, nested twice',
  (db, id) => db.from('films')
    .select('title,sequels:films!sequel_of(title,sequels:films!sequel_of(title))').eq('id', id(1)),
  [{
    title: 'Dawn',
    sequels: [{ title: 'Dawn Returns', sequels: [{ title: 'Dawn Forever' }] }],
  }])

everywhere('a hint by constraint and one by column',
  (db, id) => db.from('films')
    .select('title,director:directors!films_director_id_fkey(name),producer:directors!producer_id(name)')
    .eq('id', id(1)),
  [{ title: 'Dawn', director: { name: 'Ava' }, producer: { name: 'Ben' } }])
everywhere('the foreign key column as the target',
  (db, id) => db.from('films').select('title,director_id(name)').eq('id', id(1)),
  [{ title: 'Dawn', director_id: { name: 'Ava' } }])
everywhere('the constraint as the target, with an alias',
  (db, id) => db.from('films').select('title,by:films_producer_id_fkey(name)').eq('id', id(1)),
  [{ title: 'Dawn', by: { name: 'Ben' } }])
everywhere('a hinted to-many',
  (db, id) => db.from('directors').select('name,produced:films!films_producer_id_fkey(title)')
    .eq('id', id(2)).order('title', { referencedTable: 'produced' }),
  [{ name: 'Ben', produced: [{ title: 'Dawn' }, { title: 'Flare' }] }])
everywhere('an empty embed only joins',
  (db, id) => db.from('films').select('id,screenings!inner()').eq('id', id(1)), [{ id: 1 }])
everywhere('nested three deep',
  (db, id) => db.from('directors')
    .select('name,films!films_director_id_fkey(title,screenings(day,halls(seats)))')
    .eq('id', id(1)).order('id', { referencedTable: 'films' })
    .order('id', { referencedTable: 'films.screenings' }),
  [{
    name: 'Ava',
    films: [
      {
        title: 'Dawn',
        screenings: [
          { day: '2024-06-01', halls: { seats: 100 } },
          { day: '2024-06-02', halls: { seats: 50 } },
        ],
      },
      { title: 'Dawn Returns', screenings: [{ day: '2024-06-01', halls: { seats: 80 } }] },
    ],
  }])

everywhere('!inner drops parents without a child',
  (db) => db.from('films').select('id,screenings!inner(id)').order('id')
    .order('id', { referencedTable: 'screenings' }),
  [
    { id: 1, screenings: [{ id: 1 }, { id: 2 }] },
    { id: 2, screenings: [{ id: 3 }] },
    { id: 3, screenings: [{ id: 4 }] },
  ])
everywhere('!inner with a filter drops parents whose children do not match',
  (db) => db.from('films').select('id,screenings!inner(id)').eq('screenings.day', '2024-06-01')
    .order('id'),
  [{ id: 1, screenings: [{ id: 1 }] }, { id: 2, screenings: [{ id: 3 }] }])
everywhere('!inner with a hint',
  (db) => db.from('films').select('id,directors!films_director_id_fkey!inner(name)')
    .eq('directors.name', 'Ben').order('id'),
  [{ id: 3, directors: { name: 'Ben' } }, { id: 5, directors: { name: 'Ben' } }])
everywhere('!inner many-to-many',
  (db) => db.from('films').select('id,actors!inner(name)').eq('actors.name', 'Wes'),
  [{ id: 3, actors: [{ name: 'Wes' }] }])
everywhere('!left keeps parents',
  (db, id) => db.from('films').select('id,screenings!left(id)').eq('id', id(4)),
  [{ id: 4, screenings: [] }])
everywhere('a filter inside keeps parents',
  (db) => db.from('films').select('id,screenings(id)').eq('screenings.day', '2024-06-03')
    .lte('id', 103).order('id').limit(3),
  [{ id: 1, screenings: [] }, { id: 2, screenings: [] }, { id: 3, screenings: [{ id: 4 }] }])
everywhere('or inside an embed',
  (db, id) => db.from('films').select('id,screenings(id)')
    .or('day.eq.2024-06-02,hall_number.eq.9', { referencedTable: 'screenings' }).eq('id', id(1)),
  [{ id: 1, screenings: [{ id: 2 }] }])
everywhere('a filter on a nested embed',
  (db, id) => db.from('directors').select('name,films!films_director_id_fkey(title,screenings(id))')
    .eq('films.screenings.hall_number', 2).eq('films.title', 'Dawn').eq('id', id(1)),
  [{ name: 'Ava', films: [{ title: 'Dawn', screenings: [{ id: 2 }] }] }])
everywhere('order and limit inside',
  (db, id) => db.from('films').select('id,screenings(id)').eq('id', id(1))
    .order('day', { referencedTable: 'screenings', ascending: false })
    .limit(1, { referencedTable: 'screenings' }),
  [{ id: 1, screenings: [{ id: 2 }] }])
everywhere('range inside',
  (db, id) => db.from('films').select('id,screenings(id)').eq('id', id(1))
    .order('id', { referencedTable: 'screenings' })
    .range(1, 1, { referencedTable: 'screenings' }),
  [{ id: 1, screenings: [{ id: 2 }] }])
everywhere('an aliased embed is filtered by its alias',
  (db, id) => db.from('films').select('id,shows:screenings(id)').eq('shows.hall_number', 2)
    .eq('id', id(1)),
  [{ id: 1, shows: [{ id: 2 }] }])
everywhere('null filtering finds parents without children',
  (db) => db.from('films').select('id,screenings()').is('screenings', null).order('id'),
  [{ id: 4 }, { id: 5 }])
everywhere('null filtering finds parents with a to-one',
  (db) => db.from('films').select('id,film_details()').not('film_details', 'is', null).order('id'),
  [{ id: 1 }, { id: 2 }, { id: 3 }])

everywhere('spread of a to-one',
  (db) => db.from('screenings').select('id,...films(title)').order('id').limit(1),
  [{ id: 1, title: 'Dawn' }])
everywhere('spread with an alias inside',
  (db, id) => db.from('films').select('title,...directors!director_id(by:name)').eq('id', id(1)),
  [{ title: 'Dawn', by: 'Ava' }])
everywhere('spread of a to-one, nested',
  (db, id) => db.from('screenings').select('id,...films(title,...film_details(tagline))').eq('id', id(3)),
  [{ id: 3, title: 'Dawn Returns', tagline: 'It goes on' }])
everywhere('spread of a to-many gives an array for each column',
  (db, id) => db.from('films').select('title,...screenings(days:day)').eq('id', id(1))
    .order('id', { referencedTable: 'screenings' }),
  [{ title: 'Dawn', days: ['2024-06-01', '2024-06-02'] }])
everywhere('JSON paths and casts inside an embed',
  (db, id) => db.from('screenings').select('id,films(info->>genre,year::text)').eq('id', id(1)),
  [{ id: 1, films: { genre: 'drama', year: '1990' } }])

for (const [name, db] of [['open', anon], ['under policies', guarded.alice]]) {
  test(`a count does not multiply by the embed: ${name}`, async () => {
    const result = await db.from('films').select('id,screenings!inner(id)', { count: 'exact' })
    assert.equal(result.count, 3)
  })
  test(`an ambiguous embed names the candidates: ${name}`, async () => {
    refused(await db.from('films').select('directors(name)'), 300, 'Multiple Choices', {
      code: 'PGRST201',
      message: "Could not embed because more than one relationship was found for 'films' and 'directors'",
      details: [
        {
          cardinality: 'many-to-one',
          embedding: 'films with directors',
          relationship: 'films_director_id_fkey using films(director_id) and directors(id)',
        },
        {
          cardinality: 'many-to-one',
          embedding: 'films with directors',
          relationship: 'films_producer_id_fkey using films(producer_id) and directors(id)',
        },
      ],
      hint: "Try changing 'directors' to one of the following: 'directors!films_director_id_fkey', "
        + "'directors!films_producer_id_fkey'. Find the desired relationship in the 'details' key.",
    })
  })
}
test('a view joins through the keys of its tables', async () => {
  const data = ok(await anon.from('film_list').select('title,directors(name)').eq('id', 1))
  assert.deepEqual(data, [{ title: 'Dawn', directors: { name: 'Ava' } }])
})
test('another owner’s row in the junction stays out', async (t) => {
  await ok(await guarded.service.from('roles')
    .insert({ film_id: 1, actor_id: 3, character: 'Intruder', owner_id: BOB }))
  t.after(() => guarded.service.from('roles').delete().eq('character', 'Intruder'))

  const film = ok(await guarded.alice.from('films').select('roles(character),actors(name)').eq('id', 1)
    .order('character', { referencedTable: 'roles' })
    .order('name', { referencedTable: 'actors' }).single())

  assert.deepEqual(film.roles, [{ character: 'Moon' }, { character: 'Sun' }])
  assert.deepEqual(film.actors, [{ name: 'Uma' }, { name: 'Vic' }])
})
test('a key to another owner’s row embeds as null, and !inner drops it', async (t) => {
  const row = { id: 950, title: 'Crossed', year: 1900, director_id: 103,
    owner_id: 'a11ce000-0000-4000-8000-000000000001' }
  ok(await guarded.service.from('films').insert(row))
  t.after(() => guarded.service.from('films').delete().eq('id', 950))
  const crossed = (select) => guarded.alice.from('films').select(select).eq('id', 950)

  assert.deepEqual(ok(await crossed('title,director_id(name)')), [{ title: 'Crossed', director_id: null }])
  assert.deepEqual(ok(await crossed('title,...director_id(name)')), [{ title: 'Crossed', name: null }])
  assert.deepEqual(ok(await crossed('title,director_id!inner(name)')), [])
})
