// A second server with other settings than the one that all test files share.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../support/server.mjs'
import { client } from './clients.mjs'

const project = join(dirname(fileURLToPath(import.meta.url)), '../variant')

/** Starts it; `server.app()` is a new client of it, `server.admin` its administrator. */
export async function startVariant(settings) {
  const server = await startServer(project, { settings })
  const keys = JSON.parse(server.environment.POSTERN_KEYS)
  const app = (options) => client({ at: server.url, key: keys.publishable, ...options })
  return { ...server, keys, app, admin: client({ at: server.url, key: keys.secret }).auth.admin }
}
