// Policies: who may do what, a policy written and tried, saved as a test, published and obeyed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  URL, assertAccessible, assertQuiet, findChromium, launch, openPage, setUpProject, signIn, signUp,
} from '../support/browser.mjs'

const skip = findChromium() ? false : 'there is no Chromium'
const sessions = {}
let browser

before(async () => {
  if (skip) return
  browser = await launch()
  await setUpProject(browser)
  for (const name of ['ann', 'ben']) sessions[name] = await signUp(name)
  await write(sessions.ann, ['Buy bread', 'Call Ben'])
  await write(sessions.ben, ['Plan the trip'])
})
after(async () => { await browser?.close() })

async function ask(session, init = {}) {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const headers = { apikey: keys.anon, authorization: `Bearer ${session.access_token}`, 'content-type': 'application/json' }
  return fetch(`${URL}/rest/v1/notes?select=body&order=id`, { headers, ...init })
}

async function write(session, bodies) {
  for (const body of bodies) {
    const answer = await ask(session, { method: 'POST', body: JSON.stringify({ body }) })
    assert.equal(answer.status, 201, await answer.clone().text())
  }
}

async function bodies(session) {
  return (await (await ask(session)).json()).map((it) => it.body)
}

/** Replaces a text in the editor as somebody at the keys would: all of it, at once. */
async function edit(page, change) {
  const content = page.getByRole('textbox', { name: 'Policy file' })
  const text = await page.locator('textarea[name=text]').inputValue()
  await content.click()
  // Chromium would keep the style of what is replaced, which the policy on styles refuses.
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(change(text))
}

test('the matrix says who may do what', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Policies' }).click()
  await page.getByText('Closed to everybody').first().waitFor()
  await assertAccessible(page)

  await page.getByRole('searchbox').pressSequentially('note')
  await page.waitForURL(/q=note/)
  await page.getByText('public.orders').waitFor({ state: 'detached' })

  await page.getByRole('link', { name: 'public.notes' }).waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('a policy is written, tried, saved as a test, published and obeyed', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/policies`)
  await page.getByRole('link', { name: 'public.notes' }).click()
  await page.getByRole('textbox', { name: 'Policy file' }).waitFor()
  await assertAccessible(page)

  await edit(page, (text) => text.replace('owner_id = auth.uid()"\n', 'owner_ib = auth.uid()"\n'))
  await page.getByText('did you mean `owner_id`?').waitFor()
  await page.locator('.cm-lint-marker-error').waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Write owner_id' }).click()
  await page.getByText('did you mean `owner_id`?').waitFor({ state: 'detached' })
  await edit(page, (text) => text
    .replace('where = "owner_id = auth.uid()"', 'where = "owner_id <> auth.uid()"')
    .replace('for = ["select", "insert", "update", "delete"]', 'for = ["select"]'))
  await page.getByText('compared with what is in force').waitFor()

  await page.getByRole('radio', { name: 'User' }).check()
  await page.getByRole('combobox', { name: 'User' }).fill('ann@mail.example')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText('1 gained').waitFor()
  await page.getByText('2 lost').waitFor()
  await page.getByText(/plan cost [\d.]+, in force/).waitFor()
  const gained = page.getByRole('row', { name: /Plan the trip/ })
  assert.match(await gained.textContent(), /Allowed.*gained/s)
  assert.match(await page.getByRole('row', { name: /Buy bread/ }).textContent(), /Denied.*lost.*is false/s)
  await assertAccessible(page)

  await page.getByRole('button', { name: 'Save as a test' }).click()
  await page.getByRole('textbox', { name: 'Test file' }).waitFor()
  await assertAccessible(page)
  await page.getByLabel('Name of the file').fill('ann-reads-others')
  await page.getByRole('button', { name: 'Save test' }).click()
  await page.getByText('The case is saved.').waitFor()
  await page.getByRole('button', { name: 'Run the tests' }).click()
  await page.getByText('0 of 1 cases pass').waitFor()
  await assertAccessible(page)

  await page.goto(`${URL}/console/policies/public.notes.toml`)
  await page.getByRole('textbox', { name: 'Policy file' }).waitFor()
  await edit(page, (text) => text
    .replace('where = "owner_id = auth.uid()"', 'where = "owner_id <> auth.uid()"')
    .replace('for = ["select", "insert", "update", "delete"]', 'for = ["select"]'))
  await page.getByRole('button', { name: 'Review and publish' }).click()
  await page.getByText('1 of 1 cases pass').waitFor()
  await page.getByRole('textbox', { name: 'The file as it is' }).waitFor()
  const drafted = page.getByRole('textbox', { name: 'The file as it will be' })
  assert.match(await drafted.locator('.cm-changedLine').first().innerText(), /for = \["select"\]|owner_id <>/)
  await page.getByLabel('Reason').fill('notes are for others')
  await assertAccessible(page)
  assert.deepEqual(await bodies(sessions.ann), ['Buy bread', 'Call Ben'])
  await page.getByRole('button', { name: 'Publish', exact: true }).click()

  await page.getByText('The file is written and in force.').waitFor()
  assert.deepEqual(await bodies(sessions.ann), ['Plan the trip'])
  assert.deepEqual(await bodies(sessions.ben), ['Buy bread', 'Call Ben'])
  await page.getByRole('link', { name: 'Versions' }).click()
  await page.getByRole('heading', { name: 'notes are for others' }).waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('a table tells its own policies', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/tables/public.notes/policies`)
  await page.getByRole('heading', { name: 'Rules' }).waitFor()
  await page.getByRole('heading', { name: 'Columns' }).waitFor()
  await assertAccessible(page)
  await page.getByRole('link', { name: 'Test as' }).click()
  await page.waitForURL(/public\.notes\.toml\?table=public\.notes/)
  assert.ok(await page.getByRole('radio', { name: 'User' }).isChecked())
  assertQuiet(page)
})

test('somebody asks why a row was denied', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/policies/why?table=public.notes&verb=delete&user=ann@mail.example`)
  await page.getByText('the table does not exist for them').waitFor()
  await assertAccessible(page)
  await page.goto(`${URL}/console/policies/why?table=public.notes&verb=select&user=ann@mail.example&key=id%3D1`)
  await page.getByText('not passed').waitFor()
  await page.getByRole('link', { name: /public\.notes\.toml:\d+/ }).first().waitFor()
  await assertAccessible(page)
  assertQuiet(page)
})

test('a request of the log opens its own explanation', { skip }, async () => {
  const page = await openPage(browser)
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const headers = { apikey: keys.anon, authorization: `Bearer ${sessions.ben.access_token}`, 'x-request-id': 'not-his' }
  const answer = await fetch(`${URL}/rest/v1/notes?select=body&or=(body.like.Plan*,body.eq.nothing)`, { headers })
  assert.deepEqual(await answer.json(), [])
  await signIn(page)
  await page.goto(`${URL}/console/logs/not-his`)
  await page.getByRole('link', { name: 'Why was this denied?' }).click()
  await page.getByText('The claims are those of a sign-in now').waitFor()
  await page.getByText('or=(body.like.Plan*,body.eq.nothing)').first().waitFor()
  await page.getByText('not passed').waitFor()
  assert.equal(await page.locator('.whys > li').count(), 1, 'the one row that it named')
  await assertAccessible(page)
  assertQuiet(page)
})

test('a table without a file starts from what it is for', { skip }, async () => {
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/policies?show=closed`)
  await page.getByRole('link', { name: 'Write a policy' }).first().click()
  await page.getByRole('link', { name: 'read-only' }).click()
  await page.locator('.cm-content', { hasText: 'everybody signed in' }).waitFor()
  await page.getByText('wider').first().waitFor()
  await assertAccessible(page)

  const content = page.getByRole('textbox', { name: 'Policy file' })
  await content.focus()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  assert.ok(await content.evaluate((it) => it !== document.activeElement), 'Escape and Tab leave the editor')
  assertQuiet(page)
})
