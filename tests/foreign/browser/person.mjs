// A person's path: log in, allow, let the app work, end its access, log out. No script
// runs in the browser, and the keyboard is enough.
import { asking, call, launch, register, site, tokens } from './browser.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
// The app goes on from its callback to another site, as many do.
const home = await site({ '/home': 'you are back' })
const app = await site({ '/callback': `http://localhost:${home.port}/home` })
const redirect_uri = `http://127.0.0.1:${app.port}/callback`
const client_id = await register(base, 'http://127.0.0.1/callback')
const { url, verifier } = asking(base, client_id, redirect_uri, 'contact.read deal.read')

const browser = await launch(told.chromium)
const context = await browser.newContext({ javaScriptEnabled: false })
const page = await context.newPage()
const complaints = []
page.on('console', (message) => complaints.push(message.text()))
page.on('requestfailed', (request) => {
  // The browser itself lets go of an icon when the person is faster than it.
  if (request.failure()?.errorText === 'net::ERR_ABORTED') return
  complaints.push(`failed: ${request.url()}`)
})

await page.goto(url)
await page.locator('#email:focus').waitFor()
await page.keyboard.type(told.email)
await page.keyboard.press('Tab')
await page.keyboard.type(told.password)
await page.keyboard.press('Enter')
await page.getByRole('heading', { name: 'Give Dialler access' }).waitFor()
const cookies = await context.cookies()

const callback = page.waitForRequest((request) => request.url().startsWith(redirect_uri))
for (let presses = 0; presses < 10; presses += 1) {
  await page.keyboard.press('Tab')
  if (await page.locator('button[value=allow]:focus').count()) break
}
await page.keyboard.press('Enter')
const sent = new URL((await callback).url()).searchParams
await page.getByText('you are back').waitFor()

const first = await tokens(base, {
  grant_type: 'authorization_code', code: sent.get('code'), client_id, redirect_uri,
  code_verifier: verifier,
})
const called = await call(told, first.access_token)
const second = await tokens(base, {
  grant_type: 'refresh_token', refresh_token: first.refresh_token, client_id,
})
const calledAgain = await call(told, second.access_token)

await page.goto(`${base}/account/apps`)
await page.getByRole('button', { name: 'End access' }).click()
await page.getByRole('status').waitFor()
const ended = Date.now()
// When a call was begun that was still answered, for on a busy machine each takes its time.
let [servedAfter, isRefused] = [0, false]
while (!isRefused && Date.now() < ended + 60_000) {
  const begun = Date.now()
  isRefused = await call(told, second.access_token) === 401
  if (!isRefused) servedAfter = begun - ended
}
const third = await tokens(base, {
  grant_type: 'refresh_token', refresh_token: second.refresh_token, client_id,
})

await page.getByRole('button', { name: 'Log out' }).click()
await page.getByRole('heading', { name: 'You are logged out' }).waitFor()
await page.goto(`${base}/account/apps`)
const after = new URL(page.url()).pathname

done({
  called, calledAgain, servedAfter, isRefused, refused: third.error, after, complaints,
  issuer: sent.get('iss'), state: sent.get('state'),
  cookies: cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
})
