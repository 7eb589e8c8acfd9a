// The matrix of policies, and the bench on which one is written, tried and published.
import { URL, launch, openPage, setUpProject, shoot, signIn, signUp } from '../support/browser.mjs'

const NOTES = {
  ann: ['Buy bread', 'Call Ben', 'Return the books'],
  ben: ['Plan the trip', 'Water the plants'],
}

/** Somebody asks for a row that is not theirs, under an id that the log keeps. */
async function askInVain() {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const session = await signUp('cleo')
  const headers = { apikey: keys.anon, authorization: `Bearer ${session.access_token}`, 'x-request-id': 'cleo-reads' }
  await fetch(`${URL}/rest/v1/notes?select=id,body&or=(id.eq.1,body.like.Plan*)&order=id`, { headers })
}

async function write(name) {
  const keys = JSON.parse(process.env.POSTERN_KEYS)
  const session = await signUp(name)
  const headers = { apikey: keys.anon, authorization: `Bearer ${session.access_token}`, 'content-type': 'application/json' }
  for (const body of NOTES[name]) {
    await fetch(`${URL}/rest/v1/notes`, { method: 'POST', headers, body: JSON.stringify({ body }) })
  }
}

const browser = await launch()
try {
  await setUpProject(browser)
  for (const name of Object.keys(NOTES)) await write(name)
  await askInVain()
  const page = await openPage(browser)
  await signIn(page)
  await page.goto(`${URL}/console/tables/public.notes/policies`)
  await page.getByRole('heading', { name: 'Columns' }).waitFor()
  await shoot(page, 'table-policies')
  await page.goto(`${URL}/console/policies/why?request=cleo-reads`)
  await page.getByText('not passed').first().waitFor()
  await shoot(page, 'policy-why-log')
  await page.goto(`${URL}/console/policies`)
  await shoot(page, 'policies')
  await page.goto(`${URL}/console/policies/why?table=public.notes&verb=select&user=ann@mail.example&key=id%3D4`)
  await page.getByText('not passed').waitFor()
  await shoot(page, 'policy-why')
  await page.goto(`${URL}/console/policies/public.notes.toml?user=ann@mail.example`)
  const content = page.getByRole('textbox', { name: 'Policy file' })
  await content.waitFor()
  const text = await page.locator('textarea[name=text]').inputValue()
  await content.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(`${text.trimEnd()}\n\n[[allow]]\nname = "plans are for all"\nroles = ["authenticated"]\nfor = ["select"]\nwhere = "body LIKE 'Plan %'"\n`)
  await page.getByText('compared with what is in force').waitFor()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText('1 gained').waitFor()
  await shoot(page, 'policy')
  await page.getByRole('button', { name: 'Review and publish' }).click()
  await page.getByLabel('Reason').fill('everybody should see what is planned')
  await shoot(page, 'policy-review')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByText('The file is written and in force.').waitFor()
  await page.getByRole('link', { name: 'Versions' }).click()
  await page.getByText('What it changed').click()
  await shoot(page, 'policy-versions')
  await page.goto(`${URL}/console/policies/public.notes.toml?user=ann@mail.example`)
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByRole('button', { name: 'Save as a test' }).click()
  await page.getByRole('textbox', { name: 'Test file' }).waitFor()
  await shoot(page, 'policy-case')
  await page.getByLabel('Name of the file').fill('ann-sees-plans')
  await page.getByRole('button', { name: 'Save test' }).click()
  await page.getByText('The case is saved.').waitFor()
  await shoot(page, 'policy-tests')
} finally {
  await browser.close()
}
