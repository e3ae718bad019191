// The login of an app without a secret: the code flow with PKCE (RFC 9700). The user logs in
// and decides on the server's own pages; this page never gets a password.
import { get, lasts, put } from './kept.js'

const WAIT = 30_000 // milliseconds, for an answer of the token endpoint
const EARLY = 30_000 // a token that expires within this time is renewed before use

const base64url = (bytes) => btoa(String.fromCharCode(...bytes))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** A login that failed; the message is for the user. */
export class LoginError extends Error {}

/**
 * Goes to the login. `actions`: what it asks for, such as `read write`; `back`: the
 * address to return to.
 */
export async function begin(actions, back) {
  if (!lasts() || !crypto.subtle) {
    throw new LoginError(
      'Your browser keeps nothing for this page, so that a login would be lost on the way. '
      + 'Use a token instead.',
    )
  }
  const app = await ask('/docs/reference/app', {})
  if (new URL(app.issuer).origin !== location.origin) {
    throw new LoginError(`Logging in works at ${app.issuer}/docs/reference.`)
  }
  const asked = actions.split(' ')
  const verifier = random()
  const state = random()
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const { issuer, client_id, redirect_uri } = app
  put('login', { state, verifier, issuer, client_id, redirect_uri, back })
  location.assign(`/oauth/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri,
    scope: app.scopes.filter((scope) => asked.includes(scope.split('.')[1])).join(' '),
    state,
    code_challenge: base64url(new Uint8Array(hash)),
    code_challenge_method: 'S256',
  })}`)
}

/** Handles the answer of a login; resolves to the address that the user came from. */
export async function finish(answer) {
  const begun = get('login')
  put('login', null)
  if (begun === null || answer.get('state') !== begun.state) {
    throw new LoginError('This login did not begin in this tab. Begin again.')
  }
  if (answer.get('iss') !== begun.issuer) {
    throw new LoginError('The answer came from another server, and was not used.')
  }
  if (answer.get('error') === 'access_denied') {
    throw new LoginError('You did not let the reference in.')
  }
  if (!answer.get('code')) {
    throw new LoginError(answer.get('error_description') ?? 'No code came.')
  }
  const { client_id, redirect_uri, verifier, back } = begun
  keep(client_id, await ask('/oauth/token', {
    grant_type: 'authorization_code',
    code: answer.get('code'),
    client_id,
    redirect_uri,
    code_verifier: verifier,
  }))
  return back
}

/** Uses a token that the user pasted. */
export function paste(access) {
  put('token', { access })
}

/** The token for calls, renewed if it is about to expire; empty if there is none. */
export async function token() {
  const held = get('token')
  if (held?.until && held.until < Date.now() + EARLY) await renew()
  return get('token')?.access ?? ''
}

let renewing = null

/** Replaces a refused token by a new one; resolves to whether that worked. Concurrent calls
 * share one exchange: a refresh token that is used twice ends the access. */
export function renew() {
  renewing ??= exchange().finally(() => { renewing = null })
  return renewing
}

async function exchange() {
  const held = get('token')
  try {
    if (held?.refresh) {
      keep(held.client_id, await ask('/oauth/token', {
        grant_type: 'refresh_token', refresh_token: held.refresh, client_id: held.client_id,
      }))
      return true
    }
  } catch (error) {
    if (!(error instanceof LoginError)) return false // not refused: there was no answer
  }
  put('token', null)
  return false
}

/** Revokes the access, and deletes the token even if that fails. */
export async function end() {
  const held = get('token')
  put('token', null)
  if (!held?.refresh) return
  const body = new URLSearchParams({ token: held.refresh, client_id: held.client_id })
  const signal = AbortSignal.timeout(WAIT)
  const answer = await fetch('/oauth/revoke', { method: 'POST', body, signal })
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`)
}

function keep(client_id, issued) {
  put('token', {
    access: issued.access_token,
    refresh: issued.refresh_token,
    until: Date.now() + issued.expires_in * 1000,
    client_id,
  })
}

async function ask(path, parameters) {
  const answer = await fetch(path, {
    method: 'POST',
    body: new URLSearchParams(parameters),
    signal: AbortSignal.timeout(WAIT),
  })
  const told = await answer.json()
  if (answer.ok) return told
  if (answer.status >= 500) throw new Error(`The server answered ${answer.status}.`)
  throw new LoginError(told.error_description ?? told.detail ?? 'It was refused.')
}
