// People with an authenticator app, whose codes come from a library that is not ours.
import { generateSync } from 'otplib'
import { ok, signedIn } from './clients.mjs'

const STEP_SECONDS = 30

/** The code of an authenticator app, now or some steps away. */
export const codeOf = (secret, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * STEP_SECONDS })

export const enroll = async (app, options) => ok(await app.auth.mfa.enroll({ factorType: 'totp', ...options }))

/** A user with a verified authenticator app, at aal2. */
export async function withAuthenticatorApp() {
  const person = await signedIn()
  const { id, totp } = await enroll(person.app)
  const session = ok(await person.app.auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(totp.secret) }))
  return { ...person, factorId: id, secret: totp.secret, session }
}
