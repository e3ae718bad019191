// A developer's path: log in, make a token, call with it, find the call
// that failed, register an app, revoke the token. Every page is under axe as they go,
// light and dark, wide and at 390 pixels. With `shots`, a folder, it leaves pictures.
import { execFileSync } from 'node:child_process'
import { launch, room } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []

/** The status and trace id of a call by curl. */
function curl(token, path, ...more) {
  const head = execFileSync('curl', ['-s', '-o', '/dev/null', '-D', '-', `${base}/v1${path}`,
    '-H', `Authorization: Bearer ${token}`, '-H', `Version: ${told.version}`, ...more], { encoding: 'utf8' })
  return { status: Number(head.split(' ')[1]), trace: /x-trace-id: (\w+)/i.exec(head)?.[1] }
}

/** Loads a page again until a text is there. */
async function until(page, text, seconds = 20) {
  const shown = page.getByText(text).first()
  for (const end = Date.now() + seconds * 1000; !(await shown.count());) {
    if (Date.now() > end) throw new Error(`never shown: ${text}`)
    await page.reload()
  }
}

const browser = await launch(told.chromium)
const results = []
for (const [scheme, width] of views(0)) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)
  const main = page.locator('main')
  const follow = async (name, path) => {
    await page.getByRole('link', { name, exact: true }).first().click()
    await page.waitForURL(`**${path}`)
  }

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await see('account')
  // The theme that was chosen holds here too, though the policy lets no other script run.
  const ground = () => page.evaluate('getComputedStyle(document.documentElement).colorScheme')
  const themes = [await ground()]
  await page.locator('#theme').click()
  await page.reload()
  themes.push(await ground())
  await page.evaluate("localStorage.removeItem('theme')")
  await page.reload()

  const name = `Nightly ${scheme} ${width}`
  await room(page, 'Tokens')
  await page.waitForURL('**/account/tokens')
  await follow('New token', '/account/tokens/new')
  await see('token-new')
  await page.fill('#name', name)
  await page.getByRole('link', { name: 'Read and change' }).click()
  await page.fill('#name', name)
  await page.getByRole('button', { name: 'Make the token' }).click()
  const secret = await page.locator('#secret').innerText()
  await see('token-made')
  const called = curl(secret, '/me').status
  const failed = curl(secret, '/contacts', '-H', 'Content-Type: application/json', '-d', '{"email": "no"}')
  // The tab takes the token; the link is not followed, because this page is shown once.
  const use = page.getByRole('link', { name: 'Use it in the guides' })
  await use.evaluate((link) => link.addEventListener('click', (event) => event.preventDefault()))
  await use.click()
  await page.reload({ waitUntil: 'load' })
  const again = await page.content()
  await page.goto(`${base}/docs/getting-started`)
  await page.locator('.filled', { hasText: secret }).first().waitFor({ state: 'attached' })
  await page.goto(`${base}/account/tokens`)
  const card = main.locator('tbody tr').filter({ hasText: name })
  await until(page, /UTC/)
  await see('tokens')

  await page.goto(`${base}/account/requests`)
  await page.fill('#trace_id', failed.trace)
  await page.keyboard.press('Enter')
  await page.waitForURL(/trace_id=/)
  await until(page, 'email (invalid_format)')
  await see('requests')
  await page.getByRole('link', { name: 'Clear the filters' }).click()
  await page.fill('#path', `/v1/contacts`)
  await page.selectOption('#status', '422')
  await page.selectOption('#token', { label: name })
  await page.getByRole('button', { name: 'Filter' }).click()
  await page.getByText('email (invalid_format)').waitFor()
  const rows = await main.locator('tbody tr').count()
  await page.getByRole('link', { name: 'Rate limited (429)' }).click()
  await page.getByText('No request that is kept fits').waitFor()
  await see('requests-filtered')
  await room(page, 'Usage')
  await page.waitForURL('**/account/usage')
  await page.getByText('Day by day').click()
  await see('usage')

  await room(page, 'Apps')
  await page.waitForURL('**/account/apps')
  await follow('Register an app', '/account/apps/new')
  await see('app-new')
  await page.fill('#name', `Dialler ${scheme} ${width}`)
  await page.fill('#redirect_uris', 'https://dialler.example/callback')
  await page.getByRole('button', { name: 'Register it' }).click()
  await page.getByText('Copy the secret').waitFor()
  await see('app-made')
  await page.goto(`${base}/account/apps`)
  await see('apps')
  await follow('New secret', '/secret')
  await see('app-rotate')
  await page.goBack()
  await follow('Delete', '/delete')
  await see('app-delete')

  await page.goto(`${base}/account/tokens`)
  const used = (await card.innerText()).includes('UTC')
  await card.getByRole('link', { name: 'Revoke' }).click()
  await page.waitForURL('**/revoke')
  await see('token-revoke')
  await page.getByRole('button', { name: 'Revoke it' }).click()
  await page.getByText('is revoked').waitFor()
  let refused = 0
  for (const end = Date.now() + 1000; refused !== 401 && Date.now() < end;) {
    refused = curl(secret, '/me').status
  }
  results.push({ themes, rows, called, failed: failed.status, used, kept: again.includes(secret), refused })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
