// The servers' settings: what is only known once the counterparts run, and how variants differ.
import { CLIENT_ID, CLIENT_SECRET } from '../servers/oidc-provider.mjs'
import { HOSTILE_CLIENT, TRICKS } from '../servers/hostile-idp.mjs'

/** How long an old refresh token is still taken. */
export const REUSE_SECONDS = 1
/** The code that every test number is sent. */
export const TEST_CODE = '246810'
/** A test number, without its plus; each test takes one for itself. */
export const testPhone = (index) => String(15550100000 + index)
/** What the providers are called in the settings. */
export const OIDC_PROVIDER = 'custom:house'
export const hostileProvider = (trick) => `custom:hostile-${trick}`

const TEST_PHONES = 60

// A hash at its usual price would take most of a run, and is measured elsewhere.
const CHEAP_HASHES = `
[passwords]
memory_kib = 64
passes = 1
`

/** TOML for the providers and addresses of this run. */
export function settings({ app }) {
  const numbers = Array.from({ length: TEST_PHONES }, (_, index) => `${testPhone(index)}=${TEST_CODE}`)
  return `
[auth]
site_url = "${app}"
redirect_urls = ["myapp://callback"]

[signup]
phone = true
anonymous = true
manual_linking = true

[sessions]
reuse_interval_secs = ${REUSE_SECONDS}

[codes]
email_pause_secs = 0
sms_pause_secs = 0

[factors]
phone = true

[rates]
enabled = false

[sms]
test_codes = ${JSON.stringify(numbers)}

[outbound]
allow = ["127.0.0.1"]
${CHEAP_HASHES}`
}

/** The file `providers.toml` of this run. */
export function providers({ oidc, hostile }) {
  const table = (name, issuer, client, secret) => `
["${name}"]
issuer = "${issuer}"
client_id = "${client}"
secret = "${secret}"
`
  return [
    table(OIDC_PROVIDER, oidc, CLIENT_ID, CLIENT_SECRET),
    ...TRICKS.map((trick) => table(hostileProvider(trick), `${hostile}/${trick}`, HOSTILE_CLIENT, 'any')),
  ].join('')
}

/** Servers that a single file starts for itself. */
export const VARIANTS = {
  autoconfirm: `
[signup]
email_autoconfirm = true

[rates]
enabled = false
${CHEAP_HASHES}`,
  closed: `
[signup]
enabled = false
${CHEAP_HASHES}`,
  crash: `
[signup]
email_autoconfirm = true

[sessions]
reuse_interval_secs = ${REUSE_SECONDS}

[rates]
enabled = false
${CHEAP_HASHES}`,
}
