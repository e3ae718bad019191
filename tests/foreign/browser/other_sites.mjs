// What other sites can do to a person who is logged in: frame a page, send its form.
import { asking, launch, register, site } from './browser.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const redirect = 'http://127.0.0.1/callback'
const client_id = await register(base, redirect)
const browser = await launch(told.chromium)
const context = await browser.newContext()
const page = await context.newPage()

await page.goto(asking(base, client_id, redirect, 'contact.read').url)
await page.fill('#email', told.email)
await page.fill('#password', told.password)
await page.click('main button')
await page.waitForURL(/consent/)
const consent = page.url()
const fields = await page.locator('input[type=hidden]').evaluateAll(
  (inputs) => inputs.map((input) => `<input name="${input.name}" value="${input.value}">`))

// `localhost` is another site than 127.0.0.1. It even knows the form's secrets.
const evil = await site({
  '/frame': `<iframe src="${consent}"></iframe>`,
  '/form': `<form method="post" action="${base}/oauth/consent">${fields.join('')}
    <button name="answer" value="allow">win a prize</button></form>`,
  '/opener': 'nothing',
})
const away = `http://localhost:${evil.port}`

await page.goto(`${away}/frame`)
const frame = page.frames()[1]
await frame.waitForLoadState()
const framed = await frame.locator('button').count()

await page.goto(`${away}/form`)
await page.click('button')
await page.waitForLoadState()
const posted = new URL(page.url())
const heading = await page.locator('h1').textContent()

// A script elsewhere learns nothing of the pages, cookies or not.
await page.goto(`${away}/opener`)
const read = await page.evaluate(async (address) => {
  try {
    return (await fetch(address, { credentials: 'include' })).status
  } catch (error) {
    return error.name
  }
}, `${base}/account/apps`)

await page.goto(consent)
const open = await page.locator('button[value=allow]').count()
done({ framed, posted: posted.host + posted.pathname, heading, read, open })
