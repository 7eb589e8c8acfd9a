// Starts `postern dev` on a copy of `project/`, runs the journeys or takes the pictures, stops it.
//
//   npm test                       every journey
//   node tests/run.mjs --shots     the pictures in docs/console
//   POSTERN_BIN=/path/to/postern   which binary
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../crates/cli/tests/sdk/support/server.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const takesShots = process.argv.includes('--shots')
const program = takesShots ? [join(here, 'shots.mjs')] : ['--test', join(here, 'journeys.test.mjs')]

const server = await startServer(join(here, 'project'))
try {
  process.exitCode = await run(program, {
    POSTERN_URL: server.url,
    POSTERN_SETUP: setupAddress(server.logTail()),
    POSTERN_KEYS: server.environment.POSTERN_KEYS,
  })
} finally {
  if (process.exitCode !== 0) console.error(`server log:\n${server.logTail()}`)
  await server.stop()
}

/** The one-time address, as `postern dev` prints it. */
function setupAddress(log) {
  const found = log.match(/Console set-up +(\S+)/)
  if (!found) throw new Error(`no set-up address was printed:\n${log}`)
  return found[1]
}

function run(argv, environment) {
  const child = spawn(process.execPath, argv, {
    env: { ...process.env, ...environment, NODE_NO_WARNINGS: '1' },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
