// A person keeps a webhook by the pages: makes it after a refusal, looks at what another one
// has delivered, sends that again, makes a new secret and deletes the first. Every page is
// under axe as they go. With `shots`, a folder, it leaves pictures.
import { launch, room } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []
const results = []

const browser = await launch(told.chromium)
for (const [index, [scheme, wide]] of views(2).entries()) {
  const width = wide < 500 ? 360 : wide
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await room(page, 'Webhooks')
  await page.waitForURL('**/account/webhooks')
  await see('webhooks')

  await page.getByRole('link', { name: 'New webhook' }).click()
  await page.waitForURL('**/webhooks/new')
  await see('webhook-new')
  await page.fill('#url', 'http://example.com/changes')
  await page.fill('#types', 'contact.eaten')
  await page.getByRole('button', { name: 'Make the webhook' }).click()
  await page.getByText('Give a URL that begins with https://').waitFor()
  await see('webhook-wrong')
  const url = `https://example.com/changes/${index}`
  await page.fill('#url', url)
  await page.fill('#types', 'task.completed')
  await page.getByLabel('Deals').check()
  await page.getByRole('button', { name: 'Make the webhook' }).click()
  await page.locator('#secret').waitFor()
  await see('webhook-made')
  await page.getByRole('link', { name: 'I have copied it' }).click()
  await page.getByText('Nothing was sent yet').waitFor()
  await see('webhook-empty')
  await page.getByRole('link', { name: 'New secret' }).click()
  await see('webhook-rotate')
  await page.getByRole('button', { name: 'New secret' }).click()
  await page.locator('#secret').waitFor()

  await page.goto(`${base}/account/webhooks/${told.delivered[index]}`)
  await page.locator('main details summary').first().click()
  await see('webhook-delivered')
  await page.getByRole('button', { name: 'Send again', exact: true }).click()
  await page.getByText('The change is sent again').waitFor()
  await see('webhook-again')
  await page.fill('#from', '2100-01-01T00:00')
  await page.getByRole('button', { name: 'Send these again' }).click()
  await page.getByText('Give a time that has come').waitFor()
  await see('webhook-replay-wrong')
  await page.fill('#from', '')
  await page.selectOption('#only', 'missing')
  await page.getByRole('button', { name: 'Send these again' }).click()
  await page.getByText('are being sent again').waitFor()

  await room(page, 'Webhooks')
  await see('webhooks-failing')
  await page.getByRole('link', { name: url }).click()
  await page.getByRole('link', { name: 'Change', exact: true }).click()
  await page.fill('#types', 'contact.eaten')
  await page.getByRole('button', { name: 'Change it' }).click()
  await page.locator('#fault-types').waitFor()
  await see('webhook-change-wrong')
  await page.fill('#types', '')
  await page.getByLabel('Contacts').check()
  await page.fill('#description', 'For the warehouse')
  await page.getByRole('button', { name: 'Change it' }).click()
  await page.getByText('The webhook is changed').waitFor()
  await page.getByText('For the warehouse').waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByRole('heading', { name: 'The test' }).waitFor()
  await see('webhook-tried')
  await page.getByRole('link', { name: 'Delete' }).click()
  await see('webhook-delete')
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The webhook is deleted').waitFor()
  results.push({ left: await page.getByRole('link', { name: url }).count() })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
