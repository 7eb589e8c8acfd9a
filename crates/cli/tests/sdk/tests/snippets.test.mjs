// The snippets of the console's API tabs: run as they stand against the server that shows them, or,
// where this machine has no toolchain for the language, read by its grammar.
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createClient } from '@supabase/supabase-js'
import { RUNNERS, openConsole, run, runSnippet } from '../support/snippets.mjs'
import { startServer } from '../support/server.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const ODD = 'it\'s a "table" & größe $HOME `id` ${x} \\(y) #1?'
const UUID = '7f000000-0000-4000-8000-000000000001'
const EVERY_STEP = ['list', 'one', 'insert', 'update', 'delete']
/** Where a client has no lines because its library takes names apart. */
const MISSING = { python: { odd: ['one', 'update', 'delete'] } }

/** Tables with a row that snippets write, what they change of it, and what it was before. */
const TABLES = {
  parcels: { key: { id: UUID }, changed: { label: 'before' } },
  seats: { key: { hall: 'Example', seat: 1 }, changed: { guest: 'before' } },
  ledger: { schema: 'back office', key: { id: 1 }, changed: { amount: 1 } },
  odd: { table: ODD, key: { '"select"': 1 }, changed: { 'a b': 'before' } },
}

let server, tab, service
before(async () => {
  server = await startServer(join(here, '../../../../../console/tests/projects/api'))
  tab = await openConsole(server)
  service = createClient(server.url, JSON.parse(server.environment.POSTERN_KEYS).secret, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: class {} },
  })
})
after(() => server?.stop())

const skip = (language) => !RUNNERS[language] && `there is no ${language} here`

/** Runs a step that must succeed; the answer is what it printed. */
async function succeed(language, table, step) {
  const snippets = await tab(table, language)
  assert.ok(snippets[step], `${table} has no ${step} in ${language}`)
  const { code, out, err } = await runSnippet(language, snippets, step)
  const what = `${table} ${step}\n${snippets[step]}\n${out}${err}`
  assert.equal(code, 0, what)
  assert.doesNotMatch(out, /"code":|code: '|PostgrestError/, what)
  return out
}

for (const language of ['js', 'python', 'curl']) {
  for (const [name, { schema = 'public', table = name, key, changed }] of Object.entries(TABLES)) {
    const missing = MISSING[language]?.[name] ?? []
    test(`${language}: rows of ${name} are written, read, changed and deleted`, { skip: skip(language) }, async () => {
      const rows = () => service.schema(schema).from(encodeURIComponent(table))
      const mine = async () => {
        const { data, error } = await rows().select().match(key)
        assert.equal(error, null, JSON.stringify(error))
        return data
      }
      const address = `${schema}.${table}`
      const offered = Object.keys(await tab(address, language)).filter((it) => EVERY_STEP.includes(it))
      assert.deepEqual(offered, EVERY_STEP.filter((it) => !missing.includes(it)))

      assert.deepEqual(await mine(), [])
      await succeed(language, address, 'insert')
      const [row] = await mine()
      assert.ok(row)
      assert.match(await succeed(language, address, 'list'), new RegExp(`${Object.values(key)[0]}`))
      const [column, marker] = Object.entries(changed)[0]
      const { error } = await rows().update({ [column]: marker }).match(key)
      assert.equal(error, null, JSON.stringify(error))
      if (missing.length === 0) {
        assert.match(await succeed(language, address, 'one'), new RegExp(`${Object.values(key)[0]}`))
        await succeed(language, address, 'update')
        assert.notEqual((await mine())[0][column], marker)
        await succeed(language, address, 'delete')
      } else {
        await rows().delete().match(key)
      }
      assert.deepEqual(await mine(), [])
    })
  }

  test(`${language}: neighbours, views and tables without a key`, { skip: skip(language) }, async () => {
    const orders = await succeed(language, 'public.orders', 'embed')
    assert.match(orders, /Please ring twice/)
    assert.match(orders, /Ann/)
    assert.match(await succeed(language, 'public.customers', 'embed'), /orders/)
    assert.match(await succeed(language, 'public.open_orders', 'list'), /Please ring twice/)
    const count = async () => (await service.from('import_log').select('*', { count: 'exact', head: true })).count
    const lines = await count()
    await succeed(language, 'public.import_log', 'insert')
    assert.equal(await count(), lines + 1)
    const steps = Object.keys(await tab('public.import_log', language))
    assert.deepEqual(steps.filter((it) => it !== 'connect'), ['list', 'insert'])
    const view = Object.keys(await tab('public.open_orders', language))
    assert.ok(!view.includes('insert') && !view.includes('update'), `${view}`)
  })
}

test('a snippet for signed-in users is refused without a user', { skip: skip('curl') }, async () => {
  const snippets = await tab('public.orders', 'curl')
  const { out } = await runSnippet('curl', snippets, 'insert')
  assert.match(out, /"code":"42501"|"code":"PGRST/)
})

// No toolchain for these comes from a registry of packages; their grammars do.
const parsers = process.env.POSTERN_TEST_PARSERS
const noParsers = !parsers && 'POSTERN_TEST_PARSERS names no Python with the grammars'
const around = {
  dart: (text) => `Future<void> main() async {\n${text}\n}\n`,
  swift: (text) => text,
  kotlin: (text) => `suspend fun main() {\n${text}\n}\n`,
}
for (const [language, wrap] of Object.entries(around)) {
  test(`${language}: every snippet is read by the grammar without an error`, { skip: noParsers }, async () => {
    const texts = []
    for (const table of ['orders', 'customers', 'import_log', 'open_orders', ...Object.keys(TABLES)]) {
      const { schema = 'public', table: name = table } = TABLES[table] ?? {}
      const { connect, ...steps } = await tab(`${schema}.${name}`, language)
      for (const text of Object.values(steps)) texts.push(`${connect}\n${wrap(text)}`)
    }
    assert.ok(texts.length > 25, `${texts.length}`)
    const parse = join(here, '../python/parse.py')
    const broken = "const = 'it's' + (\n"
    const input = JSON.stringify([...texts, broken])
    const { code, out, err } = await run(parsers, [parse, language], { input })
    assert.equal(code, 0, err)
    const faults = JSON.parse(out)
    assert.notEqual(faults.pop(), null, 'the grammar refuses what is broken')
    faults.forEach((fault, index) => assert.equal(fault, null, `${fault}\n${texts[index]}`))
  })
}
