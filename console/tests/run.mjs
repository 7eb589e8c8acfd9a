// Runs the journeys or takes the pictures: each file with a `postern dev` of its own, on a copy of
// `projects/<name of the file>`, or of `project/` where there is none.
//
//   npm test                            every journey
//   node tests/run.mjs people           one file of journeys
//   node tests/run.mjs --shots [people] the pictures in docs/console
//   POSTERN_BIN=/path/to/postern        which binary
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../crates/cli/tests/sdk/support/server.mjs'
import { PICTURES } from './support/browser.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const takesShots = process.argv.includes('--shots')
const wanted = process.argv.slice(2).filter((it) => it !== '--shots')
const [folder, ending] = takesShots ? ['shots', '.mjs'] : ['journeys', '.test.mjs']

if (takesShots) mkdirSync(PICTURES, { recursive: true })
for (const file of readdirSync(join(here, folder)).filter((it) => it.endsWith(ending)).sort()) {
  const name = file.slice(0, -ending.length)
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const code = await runFile(name, join(here, folder, file))
  process.exitCode ||= code
}

async function runFile(name, file) {
  const own = join(here, 'projects', name)
  const server = await startServer(existsSync(own) ? own : join(here, 'project'))
  let code = 1
  try {
    code = await run(takesShots ? [file] : ['--test', file], {
      POSTERN_URL: server.url,
      POSTERN_PROJECT: server.project,
      POSTERN_SETUP: setupAddress(server.logTail()),
      POSTERN_KEYS: server.environment.POSTERN_KEYS,
    })
  } finally {
    if (code !== 0) console.error(`server log:\n${server.logTail()}`)
    await server.stop()
  }
  return code
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
