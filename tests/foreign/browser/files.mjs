// A person imports a file by the pages: describes it, sends it, looks, corrects the mapping,
// imports it, and takes the rejected rows; then exports records and takes the file. Every page
// is under axe as they go. With `shots`, a folder, it leaves pictures.
import { readFile } from 'node:fs/promises'
import { launch, room } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []
const results = []
const people = (index) => [
  'First name,Surname of hers,E-mail,Shoe size',
  `Ada,Lovelace,ada${index}@engine.example,37`,
  `Grace,Hopper,grace${index}@cobol.example,39`,
  `Charles,Babbage,charles${index}@,44`,
].join('\n')

/** Waits until a page that loads itself again shows that it is over. */
const over = (page, text) => page.getByText(text, { exact: true }).first().waitFor()

async function taken(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  return readFile(await download.path(), 'utf8')
}

const browser = await launch(told.chromium)
for (const [index, [scheme, width]] of views(1).entries()) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)
  const link = (name) => page.getByRole('link', { name, exact: true })
  const press = (name) => page.getByRole('button', { name }).click()

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await room(page, 'Data')
  await page.waitForURL('**/account/imports')
  await see('imports')
  await page.getByRole('link', { name: /^(New import|Import a file)$/ }).first().click()
  await page.fill('#match_on', 'shoe')
  await press('Go on to the file')
  await page.locator('#fault-match_on').waitFor()
  await see('import-wrong')
  await page.fill('#match_on', '')
  await press('Go on to the file')
  await page.locator('#file').waitFor()
  await see('import-file')
  await page.setInputFiles('#file', { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(people(index)) })
  await press('Send it and look')
  await page.getByRole('heading', { name: 'The first 3 rows' }).waitFor()
  await see('import-look')
  await page.getByLabel('Surname of hers').fill('last_name')
  await press('Look again with these fields')
  await page.getByRole('cell', { name: 'Lovelace' }).waitFor()
  await press('Import the whole file')
  await page.getByRole('heading', { name: 'Rejected rows' }).waitFor()
  await over(page, 'Done')
  await see('import-done')
  const rejected = await taken(page, link('Download them'))
  await page.goBack()

  await page.goto(`${base}/account/exports/new`)
  await see('export-new')
  await press('Begin the export')
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Contacts', { exact: true }).check()
  await press('Begin the export')
  await link('Download').waitFor()
  await see('export')
  const exported = await taken(page, link('Download'))
  await page.goto(`${base}/account/exports`)
  await see('exports')
  await link('All jobs').click()
  await page.waitForURL('**/account/jobs')
  await see('jobs')
  results.push({ rejected, people: exported.split('\n').filter((each) => each.includes(`${index}@engine`)).length })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
