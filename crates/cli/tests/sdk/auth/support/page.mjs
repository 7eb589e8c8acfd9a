// supabase-js inside of a page, driven from a test.
import { keys, url } from './clients.mjs'

/**
 * Runs `work` in the page with a new client `app`, signed in as `person` if one is given. `plain`
 * turns a result into what may leave the page.
 */
export async function runInPage(page, work, person, given = {}) {
  const credentials = person && { email: person.email, password: person.password }
  return page.evaluate(inside, { work: work.toString(), url, key: keys.publishable, credentials, given })
}

async function inside({ work, url, key, credentials, given }) {
  const app = supabase.createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  })
  if (credentials) {
    const { error } = await app.auth.signInWithPassword(credentials)
    if (error) throw new Error(`cannot sign in: ${error.message}`)
  }
  const plain = ({ data, error }) => ({
    data: data && JSON.parse(JSON.stringify(data)),
    error: error && { name: error.name, status: error.status, code: error.code, message: error.message },
  })
  const run = new Function('app', 'plain', 'given', `return (${work})(app, plain, given)`)
  return run(app, plain, given)
}
