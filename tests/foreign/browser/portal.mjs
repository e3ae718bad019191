// An integrator's way through the portal: front page, first guide, search, problem. With
// scripts and without, by keyboard alone, and nothing is asked of any other host.
import { launch } from './browser.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const browser = await launch(told.chromium)
const complaints = []
const elsewhere = []
let bytes = 0

async function open(options) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`)) elsewhere.push(request.url())
  })
  page.on('response', async (response) => {
    const { responseBodySize, responseHeadersSize } = await response.request().sizes()
    bytes += responseBodySize + responseHeadersSize
  })
  return page
}

/** Presses a key until something has the focus; tells how often, or fails. */
async function until(page, selector, key = 'Tab') {
  for (let presses = 1; presses < 60; presses += 1) {
    await page.keyboard.press(key)
    if (await page.locator(`${selector}:focus`).count()) return presses
  }
  throw new Error(`${selector} cannot be reached by ${key}`)
}

const at = (page) => new URL(page.url()).pathname

async function wayWithoutScript() {
  const page = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
  await page.goto(base)
  await page.getByRole('link', { name: 'Make the first call' }).click()
  await page.getByRole('heading', { level: 1, name: 'Getting started' }).waitFor()
  await page.locator('summary', { hasText: 'All pages' }).click()
  await page.locator('.menu summary', { hasText: 'Rely on it' }).click()
  await page.locator('.menu').getByRole('link', { name: 'Errors', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Errors' }).waitFor()
  await page.fill('#q', 'rate limit')
  await page.keyboard.press('Enter')
  await page.locator('.hits').getByRole('link', { name: /^Rate limited/ }).click()
  return at(page)
}

async function wayByKeyboard() {
  const page = await open({ viewport: { width: 1280, height: 900 } })
  await page.goto(base)
  await page.waitForLoadState('networkidle')
  const first = bytes
  await page.keyboard.press('Tab')
  const skipped = await page.locator('.skip:focus').textContent()
  await page.keyboard.press('Enter')
  await until(page, '.go a')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Getting started' }).waitFor()
  // The dialog opens over the page by either key, closes, and gives the focus back.
  await until(page, '.ways a')
  const place = await page.evaluate('document.activeElement.textContent')
  await page.keyboard.press('Control+k')
  await page.locator('#finder input:focus').waitFor()
  await page.keyboard.type('rate limit')
  await page.locator('.offers .hits a').first().waitFor()
  const groups = await page.locator('.offers h2').allTextContents()
  await page.keyboard.press('Escape')
  const closed = await page.locator('#finder').isHidden()
  const back = place === await page.evaluate('document.activeElement.textContent')
  await page.keyboard.press('/')
  await page.locator('#finder input:focus').waitFor()
  await page.keyboard.type('rate limited')
  await page.locator('.offers .lead', { hasText: 'rate limited' }).waitFor()
  await until(page, '.offers a[href="/problems/rate-limited"]', 'ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/problems/rate-limited')
  return { end: at(page), skipped, closed, back, groups, first }
}

/** The first call as it is copied, before and after the reader gives their token. */
async function copied() {
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
  const sent = []
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData()} ${JSON.stringify(request.headers())}`))
  await page.goto(base)
  const copy = async () => {
    await page.evaluate("navigator.clipboard.writeText('')")
    await page.locator('#first-call .copy').click()
    await page.waitForFunction("navigator.clipboard.readText().then((text) => text !== '')")
    return page.evaluate('navigator.clipboard.readText()')
  }
  const call = await copy()
  await page.getByLabel('Your token').fill('nothing')
  await page.keyboard.press('Enter')
  await page.getByText('That is no whole token').waitFor()
  await page.getByLabel('Your token').fill(told.token)
  await page.keyboard.press('Enter')
  await page.getByText('have your token').waitFor()
  const own = await copy()
  // Other pages of the tab have it, another tab has not, and nothing is kept beyond.
  await page.goto(`${base}/docs/getting-started`)
  await page.locator('.filled').first().waitFor()
  const other = await page.context().newPage()
  await other.goto(`${base}/docs/getting-started`)
  await other.locator('.copy').first().waitFor()
  const elsewhere = await other.locator('.filled').count()
  const kept = await page.evaluate('JSON.stringify(localStorage) + document.cookie + location.href')
  await page.goto(base)
  await page.getByRole('button', { name: 'Forget it' }).click()
  await page.getByText('The examples have $TOKEN.').waitFor()
  const forgotten = await copy()
  const after = await page.evaluate('JSON.stringify(sessionStorage)')
  const leaked = [kept, after, ...sent].some((text) => text.includes(told.token))
  return { call, own, elsewhere, forgotten, leaked }
}

/** The theme: chosen by a key, kept, and there before anything is drawn. */
async function themes() {
  const page = await open({ colorScheme: 'light', viewport: { width: 1280, height: 900 } })
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (!document.body) return
      seen.disconnect()
      requestAnimationFrame(() => { // the first picture, which waits for the styles
        window.firstTheme = getComputedStyle(document.documentElement).colorScheme
      })
    })
    seen.observe(document, { childList: true, subtree: true })
  })
  await page.goto(`${base}/docs`)
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const found = [[await page.evaluate('firstTheme'), await ground()]]
  for (const words of ['light', 'dark', 'as the system']) {
    await page.locator('#theme').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: `Theme: ${words}` }).waitFor()
    await page.reload()
    found.push([await page.evaluate('firstTheme'), await ground()])
  }
  return found
}

/** A language is chosen by the keyboard once, and shown on all pages from then on. */
async function languages() {
  const page = await open({ viewport: { width: 1280, height: 900 } })
  await page.goto(`${base}/docs/getting-started`)
  await page.locator('.samples input').first().focus()
  await page.keyboard.press('ArrowRight')
  const shown = () => page.locator('.samples .sample').evaluateAll(
    (codes) => [...new Set(codes.filter((code) => code.checkVisibility()).map((code) => code.className))],
  )
  const here = await shown()
  await page.goto(`${base}/docs/records`)
  await page.locator('.samples .copy').first().waitFor({ state: 'attached' })
  return { here, there: await shown() }
}

/** What a reader waits for, and how far the page moves while it loads. */
async function speeds() {
  const found = {}
  for (const width of [1280, 390]) {
    const page = await open({ viewport: { width, height: 844 } })
    await page.addInitScript(() => {
      window.shifts = []
      window.largest = 0
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts.push(entry.value)
      }).observe({ type: 'layout-shift', buffered: true })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.largest = entry.startTime
      }).observe({ type: 'largest-contentful-paint', buffered: true })
    })
    for (const path of ['/', '/docs/getting-started', '/docs/reference/contacts', '/status']) {
      await page.goto(base + path)
      await page.waitForLoadState('networkidle')
      await page.waitForFunction('largest > 0')
      const { shifts, largest } = await page.evaluate('({ shifts, largest })')
      found[`${path} ${width}`] = { shift: shifts.reduce((sum, value) => sum + value, 0), largest }
    }
  }
  return found
}

/** Answers that a page was helpful, without leaving it and without a script. */
async function votes() {
  const page = await open({ viewport: { width: 1280, height: 900 } })
  await page.goto(`${base}/docs/errors`)
  await page.getByRole('button', { name: 'Yes' }).click()
  await page.getByText('Thank you.').waitFor()
  const stayed = at(page)
  const plain = await open({ javaScriptEnabled: false })
  await plain.goto(`${base}/docs/errors`)
  await plain.getByRole('button', { name: 'No', exact: true }).click()
  await plain.getByRole('heading', { name: 'Thank you' }).waitFor()
  await plain.getByRole('link', { name: 'Back to Errors' }).click()
  await plain.getByRole('heading', { level: 1, name: 'Errors' }).waitFor()
  const cookies = [...await page.context().cookies(), ...await plain.context().cookies()]
  return { stayed, cookies }
}

const plain = await wayWithoutScript()
bytes = 0
const keyboard = await wayByKeyboard()
const copies = await copied()
const schemes = await themes()
const voted = await votes()
const spoken = await languages()
const loaded = await speeds()
done({ plain, keyboard, copies, schemes, voted, spoken, loaded, complaints, elsewhere })
