// Starts one server on a copy of `project/`, runs the test files against it, and stops it.
//
//   npm test                             every file
//   node run.mjs tests/rpc.test.mjs      some files
//   POSTERN_BIN=/path/to/postern         which binary
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from './support/server.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const given = process.argv.slice(2)
const files = given.length > 0 ? given : allTestFiles()

const server = await startServer(join(here, 'project'))
try {
  process.exitCode = await runTests(files, server.environment)
  if (process.exitCode !== 0) console.error(`server log:\n${server.logTail()}`)
} finally {
  await server.stop()
}

function allTestFiles() {
  return readdirSync(join(here, 'tests'))
    .filter((name) => name.endsWith('.test.mjs'))
    .sort()
    .map((name) => join('tests', name))
}

function runTests(paths, environment) {
  const runner = spawn(process.execPath, ['--test', '--test-concurrency=1', ...paths], {
    cwd: here,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    runner.on('error', reject)
    runner.on('exit', (code) => resolve(code ?? 1))
  })
}
