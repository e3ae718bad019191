// An owner's path without a script: make an object, choose a type, define a field by its
// form, be told what is wrong, change the field, its type and its options, archive it,
// make an association type. Every page is under axe as they go, light and dark, wide and
// at 390 pixels. With `shots`, a folder, it leaves pictures.
import axe from 'axe-core'
import { launch } from './browser.mjs'
import { done, told } from './conversation.mjs'

const { base } = told
const found = []
const complaints = []
const results = []
let looks = 0

const browser = await launch(told.chromium)
const views = [['light', 1280], ['dark', 390], ['light', 390], ['dark', 1280]]
for (const [scheme, width] of views.slice(0, told.views)) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = async (name) => {
    if (told.shots) {
      await page.screenshot({ path: `${told.shots}/${name}-${scheme}-${width}.png`, fullPage: true })
    }
    const { violations } = await page.evaluate(`${axe.source}; axe.run()`)
    const where = `${name} ${scheme} ${width}`
    found.push(...violations.map(({ id, nodes }) => `${where}: ${id} ${nodes[0].html}`))
    if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) {
      found.push(`${where}: scrolls sideways`)
    }
    looks += 1
  }
  const main = page.locator('main')

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  const press = async (name, shown) => {
    await page.getByRole('button', { name }).click()
    await page.getByText(shown).first().waitFor()
    await page.waitForLoadState()
  }
  await page.getByRole('link', { name: 'Schema', exact: true }).click()
  await page.waitForURL('**/account/schema')
  await see('objects')
  await page.getByRole('link', { name: 'New object' }).click()
  await page.waitForURL('**/new-object')
  await see('object-new')
  const slug = `machines_${scheme}_${width}`
  await page.fill('#plural_label', `Machines ${scheme} ${width}`)
  await page.fill('#singular_label', 'Machine')
  await page.fill('#slug', 'Machines')
  await press('Create the object', 'Nothing was done')
  await see('object-wrong')
  await page.fill('#slug', slug)
  await press('Create the object', 'The object is created')
  await see('fields-none')

  const key = `seats_${scheme}_${width}`
  await page.getByRole('link', { name: 'New field' }).click()
  await page.waitForURL('**/new')
  await see('field-types')
  await main.getByRole('link', { name: 'Whole number' }).click()
  await page.waitForURL('**/new?type=integer')
  await see('field-new')
  await page.fill('#label', 'Seats')
  await page.fill('#key', key)
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
  await main.getByRole('link', { name: 'Formula' }).click()
  await page.waitForURL('**/new?type=formula')
  await page.fill('#label', 'Twice as many')
  await page.fill('#key', `twice_${scheme}_${width}`)
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

  await page.getByRole('link', { name: 'New field' }).click()
  await main.getByRole('link', { name: 'Select', exact: true }).click()
  await page.waitForURL('**/new?type=select')
  await page.fill('#label', 'Plan')
  await page.fill('#key', 'plan')
  await page.fill('#options', 'gold = Gold\niron = Iron')
  await press('Define the field', 'The field is defined')
  await main.getByRole('link', { name: 'Plan', exact: true }).click()
  await page.getByRole('link', { name: 'Edit', exact: true }).click()
  await page.waitForURL('**/options')
  await page.check('[name="archived.iron"]')
  await press('Save', 'The options are changed')
  await see('field-options')
  await main.getByRole('link', { name: 'Plan', exact: true }).click()
  await page.getByRole('link', { name: 'Change', exact: true }).click()
  await page.waitForURL('**/type')
  await see('field-type')
  await press(/^Multi-select/, 'What it would do')
  await see('field-type-looked')
  await press('Change the type', 'The field is changed')

  await page.goto(`${base}/account/associations`)
  await see('associations')
  await page.getByRole('link', { name: 'New association type' }).click()
  await page.waitForURL('**/associations/new')
  await page.selectOption('#from_object', slug)
  await page.selectOption('#to_object', 'companies')
  await page.fill('#label', 'Stands at')
  await page.fill('#inverse_label', 'Machines')
  await page.fill('#key', 'Wrong Key')
  await press('Create it', 'Nothing was done')
  await see('association-wrong')
  await page.fill('#key', `stands_at_${scheme}_${width}`)
  await press('Create it', 'The association type is created')
  await see('associations-one')
  results.push({ kept: kept === key })
  await context.close()
}
done({ found, looks, results, complaints })
