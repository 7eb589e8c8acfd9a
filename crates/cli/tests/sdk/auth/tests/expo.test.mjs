// The Expo example's own modules, which know no React Native: a keychain, a browser and deep links
// stand in for the phone, the server is the real one.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import * as example from '../../../../../../examples/expo-auth/lib/auth.mjs'
import { secureStorage } from '../../../../../../examples/expo-auth/lib/secure-storage.mjs'
import { keys, newAddress, newPassword, url } from '../support/clients.mjs'
import { confirm } from '../support/links.mjs'
import { mailTo } from '../support/mailbox.mjs'
import { account, browserOf } from '../support/providers.mjs'
import { OIDC_PROVIDER } from '../support/settings.mjs'

const redirectTo = 'myapp://callback'

/** What `expo-secure-store` keeps: short entries under plain names. */
class Keychain {
  entries = new Map()
  writes = 0
  diesAfter = Infinity

  async getItemAsync(name) {
    return this.entries.get(name) ?? null
  }

  async setItemAsync(name, value) {
    assert.match(name, /^[\w.-]+$/)
    assert.ok(Buffer.byteLength(value) <= 2048, `an entry of ${Buffer.byteLength(value)} bytes`)
    this.writes += 1
    if (this.writes > this.diesAfter) throw new Error('the app was killed')
    this.entries.set(name, value)
  }

  async deleteItemAsync(name) {
    this.entries.delete(name)
  }
}

/** A phone with the app on it. */
function phone(keychain = new Keychain()) {
  const supabase = createClient(url, keys.publishable, {
    auth: {
      storage: secureStorage(keychain),
      flowType: 'pkce',
      persistSession: true,
      autoRefreshToken: false,
      detectSessionInUrl: false,
    },
    realtime: { transport: class {} },
  })
  return { supabase, keychain }
}

describe('the keychain', () => {
  test('holds a session that is longer than an entry, and another process finds it', async () => {
    const { supabase, keychain } = phone()
    const [email, password] = [newAddress(), newPassword()]
    await example.signUp(supabase, { email, password, redirectTo })
    const mail = await mailTo(email)
    const { session } = await example.confirmCode(supabase, { email, code: ` ${mail.code} ` })

    const restarted = phone(keychain)
    const { data } = await restarted.supabase.auth.getSession()

    assert.equal(data.session.access_token, session.access_token)
    assert.ok(keychain.entries.size > 2, 'a session takes several entries')
    await example.signOut(restarted.supabase)
    assert.deepEqual(
      [...keychain.entries.keys()].filter((name) => name.includes('auth-token.')),
      [],
    )
  })

  test('gives the old value or the new one, wherever the app is killed', async () => {
    const [old, next] = ['ä'.repeat(2000), 'ö'.repeat(3000)]
    for (let dies = 0; dies < 7; dies += 1) {
      const keychain = new Keychain()
      await secureStorage(keychain).setItem('session', old)
      keychain.diesAfter = keychain.writes + dies
      await secureStorage(keychain)
        .setItem('session', next)
        .catch(() => {})

      const found = await secureStorage(keychain).getItem('session')
      assert.ok(found === old || found === next, `killed after ${dies} writes`)
    }
  })

  test('writers take turns', async () => {
    const storage = secureStorage(new Keychain())
    const values = Array.from({ length: 8 }, (_, index) => String(index).repeat(1500))

    await Promise.all(values.map((value) => storage.setItem('session', value)))

    assert.equal(await storage.getItem('session'), values.at(-1))
  })
})

describe('deep links', () => {
  test('a mailed link leads back into the app with a code that only this app can use', async () => {
    const { supabase } = phone()
    const email = newAddress()
    await example.signUp(supabase, { email, password: newPassword(), redirectTo })
    const mail = await mailTo(email)

    const landed = await confirm(mail.link)
    const stranger = phone().supabase

    assert.ok(landed.href.startsWith(`${redirectTo}?`), landed.href)
    assert.equal(landed.href.includes('access_token'), false)
    await assert.rejects(example.takeDeepLink(stranger, landed.href, redirectTo))
    const session = await example.takeDeepLink(supabase, landed.href, redirectTo)
    assert.equal(session.user.email, email)
  })

  test('a provider leads back into the app', async () => {
    const { supabase } = phone()
    const { sub, email } = await account()
    const openBrowser = async (address) => {
      const { url: landed } = await browserOf(sub).follow(address, redirectTo)
      return { type: 'success', url: landed.href }
    }

    const how = { provider: OIDC_PROVIDER, redirectTo, openBrowser }
    const session = await example.signInWithProvider(supabase, how)

    assert.equal(session.user.email, email)
  })

  test('a browser that is closed is no error, and other addresses are not ours', async () => {
    const { supabase } = phone()
    const openBrowser = async () => ({ type: 'cancel' })

    const closed = await example.signInWithProvider(supabase, {
      provider: OIDC_PROVIDER,
      redirectTo,
      openBrowser,
    })
    const foreign = await example.takeDeepLink(supabase, 'myapp://callback.evil?code=x', redirectTo)
    const failed = example.takeDeepLink(
      supabase,
      `${redirectTo}?error=access_denied&error_code=otp_expired`,
      redirectTo,
    )

    assert.deepEqual([closed, foreign], [null, null])
    await assert.rejects(failed, { code: 'otp_expired' })
  })
})

test('the session is refreshed while somebody looks, and not while the app sleeps', async () => {
  const calls = []
  const supabase = {
    auth: { startAutoRefresh: () => calls.push('on'), stopAutoRefresh: () => calls.push('off') },
  }
  let heard
  const appState = {
    currentState: 'active',
    addEventListener: (_event, listener) => ((heard = listener), { remove: () => calls.push('removed') }),
  }

  const end = example.keepFresh(supabase, appState)
  heard('background')
  heard('active')
  end()

  assert.deepEqual(calls, ['on', 'off', 'on', 'removed', 'off'])
})
