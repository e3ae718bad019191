// An owner's path without a script: see the types of record, define a field by the form,
// be told what is wrong, change the field, archive it. Every page is under axe as they
// go, light and dark, wide and at 390 pixels. With `shots`, a folder, it leaves pictures.
import { launch } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []
const results = []

const browser = await launch(told.chromium)
for (const [scheme, width] of views(3)) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)
  const main = page.locator('main')

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await page.getByRole('link', { name: 'Fields', exact: true }).click()
  await page.waitForURL('**/account/schema')
  await see('fields')
  await main.getByRole('link', { name: 'Contacts' }).click()
  await page.waitForURL('**/account/schema/contacts')
  await see('fields-none')

  const key = `seats_${scheme}_${width}`
  await page.getByRole('link', { name: 'New field' }).click()
  await page.waitForURL('**/contacts/new')
  await see('field-new')
  await page.fill('#label', 'Seats')
  await page.fill('#key', key)
  await page.selectOption('#type', 'integer')
  await page.fill('#min', '5')
  await page.fill('#max', '4')
  await page.getByRole('button', { name: 'Define the field' }).click()
  await page.getByText('Nothing was done').waitFor()
  const kept = await page.inputValue('#key')
  await see('field-wrong')
  await page.fill('#max', '40')
  await page.check('#unique')
  await page.check('#sensitive')
  await page.getByRole('button', { name: 'Define the field' }).click()
  await page.getByText('The field is defined').waitFor()
  await see('fields-one')

  await page.getByRole('link', { name: 'New field' }).click()
  await page.fill('#label', 'Twice as many')
  await page.fill('#key', `twice_${scheme}_${width}`)
  await page.selectOption('#type', 'formula')
  await page.fill('#expression', `custom_fields.${key} * 2`)
  await page.check('#sensitive')
  await page.getByRole('button', { name: 'Define the field' }).click()
  await page.getByText('The field is defined').waitFor()
  await main.locator('tr').filter({ hasText: `custom_fields.${key}` }).getByRole('link').click()
  await see('field-change')
  await page.fill('#label', 'Twice')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The field is changed').waitFor()

  // The field that the formula names cannot be archived yet.
  const seats = main.getByRole('link', { name: 'Seats', exact: true })
  await seats.click()
  await page.getByRole('link', { name: 'Archive this field' }).click()
  await see('field-archive')
  await page.getByRole('button', { name: 'Archive it' }).click()
  await page.getByRole('alert').waitFor()
  await see('field-used')
  await main.getByRole('link', { name: 'Twice', exact: true }).click()
  await page.getByRole('link', { name: 'Archive this field' }).click()
  await page.getByRole('button', { name: 'Archive it' }).click()
  await page.getByText('The field is archived').waitFor()
  await seats.click()
  await page.getByRole('link', { name: 'Archive this field' }).click()
  await page.getByRole('button', { name: 'Archive it' }).click()
  await page.getByText('The field is archived').waitFor()
  await see('fields-archived')
  results.push({ kept: kept === key })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
