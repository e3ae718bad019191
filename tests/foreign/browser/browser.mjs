// Chromium without a script, as a person uses it; and an app on the person's device.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

const PATIENCE = 120_000 // milliseconds, on a busy machine

/** Opens Chromium. As root it runs without its sandbox, which needs another user. */
export async function launch(executablePath) {
  const browser = await chromium.launch({
    executablePath,
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
    timeout: PATIENCE,
  })
  const open = browser.newContext.bind(browser)
  browser.newContext = async (...given) => {
    const context = await open(...given)
    context.setDefaultTimeout(PATIENCE)
    return context
  }
  return browser
}

/** A site on this machine; `pages` answer by path with HTML, or with where to go on. */
export async function site(pages) {
  const server = createServer((request, response) => {
    const found = pages[new URL(request.url, 'http://x').pathname] ?? ''
    if (found.startsWith('http')) response.writeHead(302, { location: found }).end()
    else response.writeHead(200, { 'content-type': 'text/html' }).end(found || 'here')
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { port: server.address().port, close: () => server.close() }
}

/** An app that registers at `base`; without a secret, as it is on a device. */
export async function register(base, redirectUri, more = {}) {
  const answer = await fetch(`${base}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Dialler',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
      ...more,
    }),
  })
  return (await answer.json()).client_id
}

/** Where an app sends its user, and the verifier for what comes of it. */
export function asking(base, clientId, redirectUri, scope) {
  const verifier = randomBytes(32).toString('base64url')
  const url = `${base}/oauth/authorize?${new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state: 'a state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })}`
  return { url, verifier }
}

/** Asks the token endpoint. */
export async function tokens(base, parameters) {
  const body = new URLSearchParams(parameters)
  return (await fetch(`${base}/oauth/token`, { method: 'POST', body })).json()
}

/** The status of a call with an access token. */
export async function call(told, token) {
  const headers = { authorization: `Bearer ${token}`, version: told.version }
  return (await fetch(`${told.base}/v1/me`, { headers })).status
}

/** Goes to a page of the account by its navigation, which is folded on a narrow screen. */
export async function room(page, name) {
  const menu = page.locator('.rooms > .menu:not([open]) > summary')
  if (await menu.isVisible()) await menu.click()
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name, exact: true }).click()
}
