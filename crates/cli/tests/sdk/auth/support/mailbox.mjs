// The mailbox of `postern dev`: what the people of a test were sent.
import assert from 'node:assert/strict'
import { sleep, url } from './clients.mjs'

// A busy machine takes its time.
const ARRIVES_WITHIN_MS = 30_000

async function sentTo(address) {
  const response = await fetch(`${url}/_dev/mailbox.json`)
  assert.equal(response.status, 200)
  const listed = await response.json()
  const mails = Array.isArray(listed) ? listed : listed.messages
  return mails.filter((it) => [it.to].flat().includes(address))
    .sort((left, right) => String(left.at).localeCompare(String(right.at)) || left.id - right.id)
}

/** The newest mail to `address`, of one kind if it is given, waited for; `after` is an earlier one. */
export async function mailTo(address, { kind, after } = {}) {
  const deadline = Date.now() + ARRIVES_WITHIN_MS
  for (;;) {
    const mails = await sentTo(address)
    const mail = mails.findLast((it) => !kind || it.kind === kind)
    if (mail && mail.id !== after?.id) return mail
    const others = mails.map((it) => it.kind).join(', ')
    assert.ok(Date.now() < deadline, `no ${kind ?? 'mail'} to ${address}; it got: ${others || 'nothing'}`)
    await sleep(50)
  }
}

/** How many mails `address` has got so far. */
export async function mailCount(address) {
  return (await sentTo(address)).length
}

/** The hash in a mailed link, which `verifyOtp({ token_hash })` takes. */
export function hashOf(mail) {
  return new URL(mail.link).searchParams.get('token')
}
