// The API tab of a table, read as an admin reads it, and its snippets run as they stand.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULES = join(dirname(fileURLToPath(import.meta.url)), '../node_modules')
const PASSWORD = 'correct-horse-battery'
const RUN_WITHIN_MS = 60_000
// Node before 22 has no WebSocket, which supabase-js asks for at its start; the snippet is left alone.
const WEBSOCKET = `data:text/javascript,${encodeURIComponent('globalThis.WebSocket ??= class {}')}`

/** Sets the console up at the address that the server has printed; the answer reads API tabs. */
export async function openConsole(server) {
  const setup = server.logTail().match(/Console set-up +(\S+)/)
  if (!setup) throw new Error(`no set-up address was printed:\n${server.logTail()}`)
  const body = new URLSearchParams({ email: 'olga@shop.example', password: PASSWORD, password_again: PASSWORD })
  const headers = { origin: server.url, 'sec-fetch-site': 'same-origin' }
  const answer = await fetch(setup[1], { method: 'POST', body, headers, redirect: 'manual' })
  if (answer.status !== 303) throw new Error(`set-up: ${answer.status} ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie()[0].split(';')[0]
  /** The snippets of a table, by their step. */
  return async (table, language) => {
    const path = `/console/tables/${encodeURIComponent(table)}/api?in=${language}`
    const page = await fetch(server.url + path, { headers: { cookie } })
    const text = await page.text()
    if (page.status !== 200) throw new Error(`${path}: ${page.status}`)
    const found = text.matchAll(/<pre id="(\w+)"[^>]*>([^<]*)<\/pre>/g)
    return Object.fromEntries([...found].map(([, id, inside]) => [id, unescape(inside)]))
  }
}

function unescape(text) {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
}

/** What runs a language's snippets here; null where it is missing. */
export const RUNNERS = {
  js: async (folder, text) => {
    const file = join(folder, 'try.mjs')
    await writeFile(file, text)
    return run(process.execPath, ['--import', WEBSOCKET, file])
  },
  python: process.env.POSTERN_TEST_PYTHON
    ? async (folder, text) => {
        const file = join(folder, 'try.py')
        await writeFile(file, text)
        return run(process.env.POSTERN_TEST_PYTHON, [file])
      }
    : null,
  curl: (await run('curl', ['--version'])).code === 0
    ? (_folder, text) => run('sh', ['-c', text])
    : null,
}

/** Runs a snippet behind the lines that come first; the answer is what it printed. */
export async function runSnippet(language, snippets, step) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-snippet-'))
  try {
    await symlink(MODULES, join(folder, 'node_modules'))
    return await RUNNERS[language](folder, `${snippets.connect ?? ''}\n${snippets[step]}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs a program to its end. */
export function run(program, argv, { input, env = {} } = {}) {
  return new Promise((resolve) => {
    const options = { timeout: RUN_WITHIN_MS, env: { ...process.env, PYTHONWARNINGS: 'ignore', ...env } }
    const child = execFile(program, argv, options, (error, out, err) => {
      resolve({ code: error ? (error.code ?? 1) : 0, out, err })
    })
    child.on('error', () => {})
    child.stdin?.on('error', () => {})
    child.stdin?.end(input ?? '')
  })
}
