// The Python client: each test of a script of unittest is told of as a test of its own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const python = process.env.POSTERN_TEST_PYTHON

function run(script, settings) {
  const env = { ...process.env, ...settings, PYTHONWARNINGS: 'ignore' }
  const child = spawn(python, [fileURLToPath(script), '-v'], { env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  return new Promise((resolve) => child.on('exit', () => resolve(said)))
}

/** Runs the script at a file address, with `settings` beside what the environment holds. */
export function testPython(script, settings = {}) {
  test(
    'the Python client',
    { skip: !python && 'POSTERN_TEST_PYTHON names no Python with its packages' },
    async (t) => {
      const said = await run(script, settings)
      const results = [...said.matchAll(/^(test_\w+) .*?\.\.\. (ok|FAIL|ERROR)$/gms)]
      assert.ok(results.length > 0, said)
      for (const [, name, outcome] of results) {
        await t.test(name.replace('test_', '').replaceAll('_', ' '), () => {
          if (outcome === 'ok') return
          const from = said.indexOf(`${outcome}: ${name} `)
          assert.fail(said.slice(from, said.indexOf('\n======', from + 1)))
        })
      }
    },
  )
}
