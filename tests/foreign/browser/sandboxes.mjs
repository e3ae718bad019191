// A person makes a sandbox by the pages after a refusal, uses its token, moves its clock,
// plants faults and takes them back, resets and deletes it. Every page is under axe as they
// go. With `shots`, a folder, it leaves pictures.
import { launch, room } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []
const results = []

const browser = await launch(told.chromium)
for (const [index, [scheme, width]] of views(3).entries()) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await room(page, 'Sandboxes')
  await page.waitForURL('**/account/sandboxes')
  await see('sandboxes-none')

  await page.getByRole('link', { name: 'New sandbox' }).click()
  await page.waitForURL('**/sandboxes/new')
  await see('sandbox-new')
  const name = `Trial ${index} of the new import`
  await page.fill('#name', name)
  await page.fill('#sample', '20')
  await page.fill('#expires_in_days', '31')
  await page.keyboard.press('Enter')
  await page.locator('#fault-expires_in_days').waitFor()
  await see('sandbox-wrong')
  await page.fill('#expires_in_days', '3')
  await page.getByRole('button', { name: 'Make the sandbox' }).click()
  const secret = page.locator('#secret code')
  await secret.waitFor()
  await see('sandbox-made')
  const headers = { authorization: `Bearer ${await secret.textContent()}`, version: told.version }
  const me = await (await fetch(`${base}/v1/me`, { headers })).json()
  await page.getByRole('link', { name: 'I have copied it' }).click()
  await page.getByText('real time').waitFor()
  await see('sandbox')

  await page.getByLabel('What goes wrong?').selectOption('503')
  await page.fill('#operation', 'eatContact')
  await page.getByRole('button', { name: 'Plant the fault' }).click()
  await page.locator('#fault-operation').waitFor()
  await see('fault-wrong')
  await page.fill('#operation', 'getMe')
  await page.getByLabel('How often?').selectOption('0.5')
  await page.fill('#number', '2')
  await page.getByRole('button', { name: 'Plant the fault' }).click()
  await page.getByText('The fault is planted').waitFor()
  const statuses = []
  for (let call = 0; call < 3; call++) statuses.push((await fetch(`${base}/v1/me`, { headers })).status)
  await page.getByLabel('What goes wrong?').selectOption('drop')
  await page.fill('#number', '60')
  await page.getByLabel('Of what?').selectOption('seconds')
  await page.getByRole('button', { name: 'Plant the fault' }).click()
  await page.getByText('1 of 2').waitFor()

  await page.getByRole('button', { name: '1 month' }).click()
  await page.getByText('The clock has arrived').waitFor()
  await see('sandbox-moved')
  await page.getByRole('button', { name: 'Take all faults back' }).click()
  await page.getByText('Nothing goes wrong on purpose').waitFor()
  await page.getByRole('link', { name: 'Reset' }).click()
  await see('sandbox-reset')
  await page.getByRole('button', { name: 'Reset it' }).click()
  await page.getByText('is as it was at its creation').waitFor()

  await room(page, 'Sandboxes')
  await see('sandboxes')
  await page.getByRole('link', { name }).click()
  await page.getByRole('link', { name: 'Delete' }).click()
  await see('sandbox-delete')
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The sandbox is deleted').waitFor()
  results.push({ sandbox: me.sandbox, statuses, left: await page.getByRole('link', { name }).count() })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
