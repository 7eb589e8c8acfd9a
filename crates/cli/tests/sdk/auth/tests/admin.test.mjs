// auth.admin: users, invitations, sign-out, factors.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  admin,
  client,
  keys,
  newAddress,
  newPassword,
  newUser,
  ok,
  refused,
  request,
  service,
  signedIn,
} from '../support/clients.mjs'
import { mailTo } from '../support/mailbox.mjs'

const signIn = (person) => client().auth.signInWithPassword(person)

describe('admin.createUser', () => {
  test('makes a confirmed user with everything given', async () => {
    const given = {
      id: randomUUID(),
      email: newAddress(),
      phone: '15550002001',
      password: newPassword(),
      email_confirm: true,
      phone_confirm: true,
      user_metadata: { nick: 'Zo' },
      app_metadata: { plan: 'gold' },
    }

    const { user } = ok(await admin.createUser(given))

    assert.deepEqual(
      [user.id, user.email, user.phone, user.role],
      [given.id, given.email, given.phone, 'authenticated'],
    )
    assert.ok(user.email_confirmed_at && user.phone_confirmed_at)
    assert.deepEqual([user.user_metadata.nick, user.app_metadata.plan], ['Zo', 'gold'])
    assert.deepEqual(user.app_metadata.providers.sort(), ['email', 'phone'])
    ok(await signIn(given))
  })
  test('takes the hash of a password from elsewhere', async () => {
    // bcrypt of `a-password-from-elsewhere`, made by another program.
    const password_hash = '$2b$10$4zs3TP5ZuvQqTQPWnong/O3mbWGM5xj3vT99zEZSm5TGPxWZ7Xw9i'
    const email = newAddress()

    ok(await admin.createUser({ email, password_hash, email_confirm: true }))

    ok(await signIn({ email, password: 'a-password-from-elsewhere' }))
    ok(await signIn({ email, password: 'a-password-from-elsewhere' }))
    refused(await signIn({ email, password: 'another' }), 400, 'invalid_credentials')
  })
  test('refuses a taken address', async () => {
    const { email } = await newUser()

    refused(await admin.createUser({ email }), 422, 'email_exists')
  })
  test('refuses what is no address', async () => {
    const error = refused(await admin.createUser({ email: 'nobody' }), 400, 'validation_failed')

    assert.equal(error.message, 'Unable to validate email address: invalid format')
  })
  test('refuses a user without address and number', async () => {
    refused(await admin.createUser({ user_metadata: {} }), 400, 'validation_failed')
  })
})

describe('admin.listUsers', () => {
  test('pages through the users', async () => {
    await Promise.all([newUser(), newUser(), newUser()])

    const first = ok(await admin.listUsers({ page: 1, perPage: 2 }))
    const second = ok(await admin.listUsers({ page: 2, perPage: 2 }))

    assert.deepEqual([first.users.length, first.aud], [2, 'authenticated'])
    assert.ok(first.total >= 3, `${first.total}`)
    assert.deepEqual([first.nextPage, first.lastPage > 1], [2, true])
    const ids = [...first.users, ...second.users].map((it) => it.id)
    assert.equal(new Set(ids).size, ids.length)
  })
  test('without a page answers the first', async () => {
    const { user } = await newUser()

    const { users } = ok(await admin.listUsers())

    assert.ok(users.length <= 50)
    assert.ok(
      users.some((it) => it.id === user.id),
      'the newest come first',
    )
  })
})

describe('admin.getUserById', () => {
  test('answers a user', async () => {
    const { user, email } = await newUser()

    assert.equal(ok(await admin.getUserById(user.id)).user.email, email)
  })
  test('an unknown user is not found', async () => {
    refused(await admin.getUserById(randomUUID()), 404, 'user_not_found')
  })
})

describe('admin.updateUserById', () => {
  test('changes everything without asking the user', async () => {
    const { user } = await newUser({ app_metadata: { plan: 'gold' } })
    const [email, password] = [newAddress(), newPassword()]

    const { user: seen } = ok(
      await admin.updateUserById(user.id, {
        email,
        password,
        email_confirm: true,
        user_metadata: { nick: 'Zo' },
        app_metadata: { level: 2 },
      }),
    )

    assert.deepEqual([seen.email, seen.user_metadata.nick], [email, 'Zo'])
    assert.deepEqual([seen.app_metadata.plan, seen.app_metadata.level], ['gold', 2])
    ok(await signIn({ email, password }))
  })
  test('bans and lets in again', async () => {
    const person = await newUser()

    const { user: banned } = ok(await admin.updateUserById(person.user.id, { ban_duration: '24h' }))
    assert.ok(Math.abs(new Date(banned.banned_until) - Date.now() - 86_400_000) < 60_000, banned.banned_until)
    refused(await signIn(person), 400, 'user_banned')

    ok(await admin.updateUserById(person.user.id, { ban_duration: 'none' }))
    ok(await signIn(person))
  })
  test('refuses a taken address', async () => {
    const [ada, bob] = [await newUser(), await newUser()]

    refused(await admin.updateUserById(bob.user.id, { email: ada.email }), 422, 'email_exists')
  })
  test('an unknown user is not found', async () => {
    refused(await admin.updateUserById(randomUUID(), { user_metadata: {} }), 404, 'user_not_found')
  })
})

describe('admin.deleteUser', () => {
  test('takes the user away, and the address is free again', async () => {
    const { user, email } = await newUser()

    ok(await admin.deleteUser(user.id))

    refused(await admin.getUserById(user.id), 404, 'user_not_found')
    await newUser({ email })
  })
  test('softly: the row stays, the person is forgotten', async () => {
    const person = await newUser()

    ok(await admin.deleteUser(person.user.id, true))

    const { data, error } = await admin.getUserById(person.user.id)
    assert.ok(error?.code === 'user_not_found' || data.user.deleted_at, JSON.stringify(data))
    assert.notEqual(data?.user?.email, person.email)
    refused(await signIn(person), 400, 'invalid_credentials')
    await newUser({ email: person.email })
  })
  test('an unknown user is not found', async () => {
    refused(await admin.deleteUser(randomUUID()), 404, 'user_not_found')
  })
})

describe('admin.inviteUserByEmail', () => {
  test('makes an unconfirmed user and mails the invitation', async () => {
    const email = newAddress()

    const { user } = ok(await admin.inviteUserByEmail(email, { data: { nick: 'Zo' } }))
    const mail = await mailTo(email, { kind: 'invite' })

    assert.ok(user.invited_at)
    assert.deepEqual([user.email_confirmed_at, user.user_metadata.nick], [undefined, 'Zo'])
    assert.match(mail.link, /type=invite/)
  })
  test('refuses who is there already', async () => {
    const { email } = await newUser()

    refused(await admin.inviteUserByEmail(email), 422, 'email_exists')
  })
})

describe('admin.signOut', () => {
  test("ends a user's session by its token", async () => {
    const { session } = await signedIn()

    ok(await admin.signOut(session.access_token))

    assert.notEqual((await client().auth.getUser(session.access_token)).error, null)
  })
})

describe('who is no admin', () => {
  const paths = ['/admin/users?page=&per_page=', `/admin/users/${randomUUID()}`, '/admin/audit']

  test('the legacy service key is one', async () => {
    ok(await client({ key: keys.service_role }).auth.admin.listUsers())
  })
  for (const path of paths) {
    test(`a user is refused: ${path.split('?')[0].replace(/[0-9a-f-]{36}/, '{id}')}`, async () => {
      const { session } = await signedIn()

      const { status, body } = await request(path, { token: session.access_token })

      assert.deepEqual([status, body.error_code], [403, 'not_admin'])
    })
    test(`the publishable key is refused: ${path.split('?')[0].replace(/[0-9a-f-]{36}/, '{id}')}`, async () => {
      const { status } = await request(path)

      assert.ok([401, 403].includes(status), `${status}`)
    })
  }
  test('the secret key beside a user token acts as that user', async () => {
    const { session } = await signedIn()

    const { status } = await request('/admin/users', { key: keys.secret, token: session.access_token })

    assert.equal(status, 403)
  })
  test('the client of the secret key has no session', async () => {
    assert.equal((await service.auth.getSession()).data.session, null)
  })
})
