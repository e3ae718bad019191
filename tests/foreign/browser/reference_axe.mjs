// The reference under axe, with its forms open and with answers shown: light and dark, wide
// and at 390 pixels. And the whole way by keyboard. With `shots`, a folder, it leaves pictures.
import { done, told } from '../conversation.mjs'
import { found, look, looks, views, violations } from './looks.mjs'
import { access, browser, complaints, elsewhere, form, open, paste, send } from './reference_page.mjs'

const { base } = told
for (const [colorScheme, width] of views(0)) {
  const name = (page) => `${page}-${colorScheme}-${width}`
  const page = await open({ colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' })
  await page.goto(`${base}/docs/reference`)
  await look(page, name('overview'))
  await page.goto(`${base}/docs/reference/callback`)
  await page.getByRole('heading', { name: 'You are not logged in' }).waitFor()
  await look(page, name('callback'))
  await page.goto(`${base}/docs/reference/contacts`)
  await look(page, name('contacts'))
  await page.goto(`${base}/docs/reference/contacts/create-contact`)
  await access(page, /Send real requests/)
  await send(await form(page, 'create-contact'))
  await paste(page, told.token)
  await send(await form(page, 'create-contact'))
  await page.evaluate(`for (const each of document.querySelectorAll('details:not(.menu)')) each.open = true`)
  await look(page, name('tried'))
  await page.context().close()
}

/** Everything by keys alone: log in with a token, open a form, send it. */
async function byKeyboard() {
  const page = await open()
  await page.goto(`${base}/docs/reference/contacts/create-contact`)
  await access(page, /Send real requests/)
  const until = async (locator) => {
    for (let presses = 0; presses < 160; presses += 1) {
      await page.keyboard.press('Tab')
      if (await locator.evaluate((each) => each === document.activeElement)) return
    }
    throw new Error(`${locator} cannot be reached`)
  }
  await until(page.locator('#sample-sh'))
  await page.keyboard.press('ArrowRight')
  const python = await page.locator('.sample.in-python').isVisible()
  await until(page.locator('#token'))
  await page.keyboard.type(told.token)
  await page.keyboard.press('Enter')
  await access(page, /You are/)
  await until(page.locator('#in-field-first_name'))
  await page.keyboard.press('Control+A')
  await page.keyboard.type('Grace')
  await until(page.locator('#in-field-lifecycle_stage'))
  await page.keyboard.press('ArrowUp')
  await until(page.getByRole('button', { name: 'Add to tags' }))
  await page.keyboard.press('Enter')
  await page.keyboard.type('navy')
  await until(page.locator('.send button'))
  await page.keyboard.press('Enter')
  const outcome = page.locator('.outcome b')
  await outcome.waitFor()
  const { first_name, tags, lifecycle_stage } = JSON.parse(await page.locator('[data-in="body"]').inputValue())
  return { python, outcome: await outcome.textContent(), first_name, tags, lifecycle_stage }
}

/** The fields and the JSON say the same after a change of either. */
async function alike() {
  const page = await open()
  await page.goto(`${base}/docs/reference/deals/create-deal`)
  await access(page, /Send real requests/)
  const raw = page.locator('[data-in="body"]')
  const at = (name) => page.locator(`#in-field-${name}`)
  const body = '{"name": "Engine", "value": 999999999999999.990, "strange": [1], "custom_fields": {"a": {"b": 1.10}}, "lost_reason": null}'
  await raw.fill(body)
  const shown = [await at('name').inputValue(), await at('value').inputValue(), await at('custom_fields').inputValue()]
  await at('name').fill('Engine 2')
  const changed = await raw.inputValue()
  await raw.fill('{"name": ')
  const unread = await page.locator('.unread').textContent()
  const before = await at('name').inputValue()
  await raw.fill('{"name": "<b>x</b>"}')
  const colored = await page.locator('.colors').evaluate((code) => [code.textContent, code.querySelectorAll('b').length])
  await paste(page, told.token)
  await raw.fill('{"name": "x", "currency": "nonsense", "custom_fields": {}}')
  const refused = await send(await form(page, 'create-deal'))
  const beside = await page.locator('.fault[data-field="currency"]').textContent()
  return { shown, changed, unread, before, colored, refused: refused.outcome, beside }
}

/** Conditions as fields, and a fault beside the part that it is about. */
async function conditions() {
  const page = await open()
  await page.goto(`${base}/docs/reference/deals/search-deals`)
  await paste(page, told.token)
  const raw = page.locator('[data-in="body"]')
  const at = (name) => page.locator(`#in-field-filters-${name}`)
  const filters = async () => JSON.parse(await raw.inputValue()).filters
  await raw.fill('{}')
  await page.getByRole('button', { name: 'Add to filters' }).click()
  await at('0-field').fill('status')
  const operators = await at('0-operator').locator('option').allTextContents()
  await at('0-operator').selectOption('in')
  await page.getByRole('button', { name: 'Add to filters-0-values' }).click()
  await at('0-values-0').selectOption('won')
  await page.getByRole('button', { name: 'Add to filters', exact: true }).click()
  await at('1-field').fill('value')
  await at('1-operator').selectOption('gte')
  await at('1-value').fill('1000.10')
  const made = await raw.inputValue()
  const good = await send(await form(page, 'search-deals'))
  await at('1-value').fill('much')
  const refused = await send(await form(page, 'search-deals'))
  const beside = await page.locator('.fault[data-field="filters-1-value"]').textContent()
  const marked = await page.locator('[data-faulty]').evaluateAll((all) => all.map(
    ({ id, ariaInvalid }) => [id, ariaInvalid]))
  const faults = await violations(page)
  await at('1-operator').selectOption('is_empty')
  const without = await filters()
  const group = '{"filters": [{"any": [{"field": "name", "operator": "eq", "value": "x"}]}, {"field": "custom_fields.a"}]}'
  await raw.fill(group)
  const own = await at('1-operator').locator('option').allTextContents()
  await at('1-operator').selectOption('starts_with')
  await at('1-value').fill('b')
  const kept = await filters()
  return { operators, made, good: good.outcome, refused: refused.outcome, beside, marked, faults, without, own, kept }
}

/** Addresses of before, where all operations of a resource were on its page. */
async function moved() {
  const page = await open()
  await page.goto(`${base}/docs/reference/contacts#update-contact`)
  await page.getByRole('heading', { level: 1, name: 'Update a contact' }).waitFor()
  const plain = await open({ javaScriptEnabled: false })
  await plain.goto(`${base}/docs/reference/contacts#update-contact`)
  const row = plain.locator('tr:target a')
  await row.click()
  return [new URL(page.url()).pathname, new URL(plain.url()).pathname]
}

/** Without a script: the samples switch, and the forms say that they are not there. */
async function withoutScript() {
  const page = await open({ javaScriptEnabled: false })
  await page.goto(`${base}/docs/reference/contacts/create-contact`)
  await page.locator('label[for="sample-typescript"]').click()
  const sample = await page.locator('.sample.in-typescript').isVisible()
  const form = await page.locator('form[data-path]').first().isVisible()
  const said = await page.locator('#access-state').textContent()
  return { sample, form, said }
}

/** What a first visit costs: bytes by the wire, and milliseconds to something seen. */
async function cost() {
  const page = await open()
  let bytes = 0
  page.on('response', async (response) => {
    bytes += (await response.request().sizes()).responseBodySize
  })
  await page.addInitScript(() => {
    window.seen = { largest: 0, shift: 0 }
    new PerformanceObserver((list) => {
      for (const each of list.getEntries()) window.seen.largest = each.startTime
    }).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((list) => {
      for (const each of list.getEntries()) if (!each.hadRecentInput) window.seen.shift += each.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(`${base}/docs/reference/contacts/create-contact`)
  await page.waitForLoadState('networkidle')
  const { largest, shift } = await page.evaluate('window.seen')
  const own = await page.evaluate(`performance.getEntriesByType('navigation')[0].encodedBodySize`)
  return { bytes, largest: Math.round(largest), shift, own }
}

const older = await open({ reducedMotion: 'reduce' })
await older.goto(`${base}/docs/reference/2026-06-01/users`)
await look(older, 'older')

const keyboard = await byKeyboard()
const plain = await withoutScript()
const costs = await cost()
const both = await alike()
const compared = await conditions()
const addresses = await moved()

// A page that is faulty on purpose: axe would have said so.
const page = await browser.newPage()
await page.goto(`${base}/docs/reference/contacts/create-contact`)
await page.evaluate(`{
  document.querySelector('label[for=token]').remove()
  document.querySelector('#token').placeholder = ''
  document.querySelector('.needs').style.color = '#bbb'
}`)
const planted = (await violations(page)).map(({ id }) => id).sort()
done({ found, looks: looks.count, planted, keyboard, plain, costs, both, compared, addresses, complaints, elsewhere })
