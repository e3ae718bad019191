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
  await access(page, /Send real requests/)
  await look(page, name('contacts'))
  await send(await form(page, 'create-contact'))
  await paste(page, told.token)
  await send(await form(page, 'search-contacts'))
  await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`)
  await look(page, name('tried'))
  await page.context().close()
}

/** Everything by keys alone: log in with a token, open a form, send it. */
async function byKeyboard() {
  const page = await open()
  await page.goto(`${base}/docs/reference/contacts`)
  await access(page, /Send real requests/)
  const until = async (locator) => {
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press('Tab')
      if (await locator.evaluate((each) => each === document.activeElement)) return
    }
    throw new Error(`${locator} cannot be reached`)
  }
  await until(page.locator('#token'))
  await page.keyboard.type(told.token)
  await page.keyboard.press('Enter')
  await access(page, /You are/)
  await until(page.locator('#create-contact-sh'))
  await page.keyboard.press('ArrowRight')
  const python = await page.locator('.sample.in-python').first().isVisible()
  await until(page.locator('.try > summary').first())
  await page.keyboard.press('Enter')
  await until(page.locator('form[data-name="create-contact"] .send button'))
  await page.keyboard.press('Enter')
  const outcome = page.locator('form[data-name="create-contact"] .outcome b')
  await outcome.waitFor()
  return { python, outcome: await outcome.textContent() }
}

/** Without a script: the samples switch, and the forms say that they are not there. */
async function withoutScript() {
  const page = await open({ javaScriptEnabled: false })
  await page.goto(`${base}/docs/reference/contacts`)
  await page.locator('label[for="create-contact-typescript"]').click()
  const sample = await page.locator('.sample.in-typescript').first().isVisible()
  await page.locator('.try > summary').first().click()
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
  await page.goto(`${base}/docs/reference/contacts`)
  await page.waitForLoadState('networkidle')
  const painted = await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)
  const read = await page.evaluate(`performance.getEntriesByType('navigation')[0].decodedBodySize`)
  return { bytes, painted: Math.round(painted), read }
}

const older = await open({ reducedMotion: 'reduce' })
await older.goto(`${base}/docs/reference/2026-06-01/users`)
await look(older, 'older')

const keyboard = await byKeyboard()
const plain = await withoutScript()
const costs = await cost()

// A page that is faulty on purpose: axe would have said so.
const page = await browser.newPage()
await page.goto(`${base}/docs/reference/contacts`)
await page.evaluate(`{
  document.querySelector('label[for=token]').remove()
  document.querySelector('#token').placeholder = ''
  document.querySelector('.needs').style.color = '#bbb'
}`)
const planted = (await violations(page)).map(({ id }) => id).sort()
done({ found, looks: looks.count, planted, keyboard, plain, costs, complaints, elsewhere })
