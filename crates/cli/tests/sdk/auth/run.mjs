// Starts the counterparts and one server on a copy of `project/`, runs the test files, stops all.
//
//   npm test                             every file
//   node run.mjs tests/otp.test.mjs      some files
//   POSTERN_BIN=/path/to/postern         which binary
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startAppPage } from './servers/browser.mjs'
import { startHostileIdp } from './servers/hostile-idp.mjs'
import { startOidcProvider } from './servers/oidc-provider.mjs'
import { providers, settings } from './support/settings.mjs'
import { freePort, startServer } from '../support/server.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const given = process.argv.slice(2)
const files = given.length > 0 ? given : allTestFiles()

const running = []
try {
  const environment = await startEverything()
  process.exitCode = await runTests(files, environment)
} finally {
  const failed = process.exitCode !== 0
  for (const it of running.reverse()) {
    if (failed && it.logTail) console.error(`server log:\n${it.logTail()}`)
    await it.stop()
  }
}

async function startEverything() {
  const start = async (starting) => {
    const started = await starting
    running.push(started)
    return started
  }
  const port = await freePort()
  const oidc = await start(startOidcProvider(`http://127.0.0.1:${port}/auth/v1/callback`))
  const hostile = await start(startHostileIdp())
  const app = await start(startAppPage())
  const places = { url: `http://127.0.0.1:${port}`, oidc: oidc.issuer, hostile: hostile.origin, app: app.origin }
  const server = await start(
    startServer(join(here, 'project'), {
      port,
      settings: settings(places),
      files: { 'providers.toml': providers(places) },
    }),
  )
  return {
    ...server.environment,
    POSTERN_TEST_OIDC: places.oidc,
    POSTERN_TEST_HOSTILE: places.hostile,
    POSTERN_TEST_APP: places.app,
    POSTERN_TEST_PROJECT: server.project,
  }
}

function allTestFiles() {
  return readdirSync(join(here, 'tests'))
    .filter((name) => name.endsWith('.test.mjs'))
    .sort()
    .map((name) => join('tests', name))
}

function runTests(paths, environment) {
  const runner = spawn(process.execPath, ['--test', '--test-concurrency=2', ...paths], {
    cwd: here,
    env: { ...process.env, ...environment, NODE_NO_WARNINGS: '1' },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    runner.on('error', reject)
    runner.on('exit', (code) => resolve(code ?? 1))
  })
}
