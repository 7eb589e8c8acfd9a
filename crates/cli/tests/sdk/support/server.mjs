// The server under test: the real binary on a temporary copy of the fixture project.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const execFileAsync = promisify(execFile)

// A first start makes a database cluster, which takes a while on a busy machine.
const READY_WITHIN_MS = 120_000
const STOP_WITHIN_MS = 20_000

export const ALICE = 'a11ce000-0000-4000-8000-000000000001'
export const BOB = 'b0b00000-0000-4000-8000-000000000002'

/**
 * Starts `postern dev` on a copy of the folder `fixture`. `settings` is added to its configuration:
 * what is only known at run time, such as the port of another server. `files` are written too.
 */
export async function startServer(fixture, { port, settings = '', files = {} } = {}) {
  const binary = findBinary()
  const root = await mkdtemp(join(tmpdir(), 'postern-sdk-'))
  await chmod(root, 0o755)
  const project = join(root, 'project')
  await cp(fixture, project, { recursive: true })
  await appendFile(join(project, 'postern.toml'), settings)
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)

  const url = `http://127.0.0.1:${port ?? (await freePort())}`
  let child = launch(binary, project, new URL(url).port)
  const stop = () => stopChild(child).finally(() => rm(root, { recursive: true, force: true }))
  /** Kills the server in the middle of whatever it does, and starts it again on the same data. */
  const crash = async () => {
    await endWith(child, 'SIGKILL')
    child = launch(binary, project, new URL(url).port)
    await waitUntilReady(url, child)
  }
  try {
    await waitUntilReady(url, child)
    const environment = await readEnvironment(binary, project, url)
    return { environment, project, url, stop, crash, logTail: () => child.log.slice(-6000) }
  } catch (error) {
    await stop()
    throw new Error(`${error.message}\n${child.log}`)
  }
}

function findBinary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../../../../target')
  const binary = resolve(process.env.POSTERN_BIN ?? join(target, 'debug/postern'))
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it or set POSTERN_BIN`)
  return binary
}

function launch(binary, project, port) {
  const child = spawn(binary, ['dev', project, '--port', port], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (child.log += chunk))
  }
  return child
}

/** The server refuses `POSTERN_…` variables that are no settings of its own. */
function cleanEnvironment() {
  const isForeign = ([name]) => !name.startsWith('POSTERN_') && name !== 'DATABASE_URL'
  return Object.fromEntries(Object.entries(process.env).filter(isForeign))
}

async function waitUntilReady(url, child) {
  const deadline = Date.now() + READY_WITHIN_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const response = await fetch(`${url}/health/ready`).catch(() => null)
    if (response?.ok) return
    await new Promise((wake) => setTimeout(wake, 100))
  }
  throw new Error(`the server was not ready within ${READY_WITHIN_MS} ms`)
}

async function readEnvironment(binary, project, url) {
  const run = async (...args) => (await execFileAsync(binary, args, { env: cleanEnvironment() })).stdout
  const token = async (sub) => (await run('token', '--dir', project, '--sub', sub)).trim()
  return {
    POSTERN_URL: url,
    POSTERN_KEYS: JSON.stringify(parseKeys(await run('keys', project))),
    POSTERN_ALICE: await token(ALICE),
    POSTERN_BOB: await token(BOB),
  }
}

/** Reads lines such as `anon key          eyJ…`. */
function parseKeys(text) {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+) key +(\S+)$/gm)].map(([, name, key]) => [name, key]),
  )
}

async function stopChild(child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await endWith(child, 'SIGTERM')
  clearTimeout(timer)
}

function endWith(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  return ended
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
