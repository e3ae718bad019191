// The reference in Chromium, as a person uses it: pages that tell what went wrong with
// them, operations that are tried, and the answers that are shown.
import { launch } from './browser.mjs'
import { told } from '../conversation.mjs'

const { base } = told
export const complaints = []
export const elsewhere = []
export const browser = await launch(told.chromium)

// What a browser says of an answer that is an error is no fault of the page's.
const EXPECTED = /^Failed to load resource: the server responded with a status of [45]\d\d|net::ERR_FAILED$/

/** A page of its own, as of somebody who was never here. */
export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (!EXPECTED.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`)) elsewhere.push(request.url())
  })
  return page
}

/** From the front page to the reference of creating a contact. */
export async function arrive(page) {
  await page.goto(base)
  await page.getByRole('link', { name: 'Try it here' }).click()
  await page.getByRole('link', { name: 'Create a contact', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Create a contact' }).waitFor()
}

/** Takes a token; resolves to what the page then says. */
export async function paste(page, token) {
  await page.fill('#token', token)
  await page.getByRole('button', { name: 'Use it' }).click()
  return access(page, /You are|unknown|of somebody|cannot be reached/)
}

/** What the page says of who tries, once it says a certain thing. */
export async function access(page, pattern) {
  const state = page.locator('#access-state', { hasText: pattern })
  await state.waitFor()
  return state.textContent()
}

/** Logs in on the server's own pages and lets the reference in. */
export async function logIn(page, { answer = 'allow', choice = '' } = {}) {
  if (choice) await page.getByLabel(choice, { exact: true }).check()
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(/\/oauth\//)
  await decide(page, answer)
}

/** Logs in if need be, and answers what the server asks. */
export async function decide(page, answer = 'allow') {
  if (await page.locator('#email').count()) {
    await page.fill('#email', told.email)
    await page.fill('#password', told.password)
    await page.locator('main button').click()
  }
  await page.getByRole('heading', { name: 'Give API reference access' }).waitFor()
  await page.click(`button[value=${answer}]`)
}

/** The form of an operation, on its page. */
export async function form(page, name) {
  const found = page.locator(`form[data-name="${name}"]`)
  if (!await found.count()) {
    await page.locator(`.side a[href$="/${name}"]`).click()
    await access(page, /./)
  }
  await found.locator('.send button').waitFor()
  return found
}

/** The JSON of a form's body. */
export const raw = (found) => found.locator('[data-in="body"]')

/** Sends a form; resolves to what is shown of the answer. */
export async function send(found) {
  await found.locator('.send button').click()
  return shown(found)
}

/** What is shown of an answer, once it is there. */
export async function shown(found) {
  await found.locator('.outcome b').waitFor()
  const text = async (selector) => {
    const part = found.locator(`.came ${selector}`)
    return await part.count() ? part.first().textContent() : null
  }
  const heads = await found.locator('.heads').evaluateAll((lists) => Object.fromEntries(
    lists.flatMap((list) => [...list.querySelectorAll('dt')].map(
      (dt) => [dt.textContent, dt.nextElementSibling.textContent],
    )),
  ))
  return {
    outcome: await text('.outcome b'),
    took: await text('.outcome span'),
    advice: await text('.advice'),
    body: await found.locator('.came .code', { hasText: /^Body/ }).locator('code')
      .textContent({ timeout: 500 }).catch(() => null),
    curl: await found.locator('.came .code', { hasText: /^As curl/ }).locator('code').textContent(),
    heads,
  }
}
