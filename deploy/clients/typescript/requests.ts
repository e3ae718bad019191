/**
 * A call as a request. A value that cannot be sent unchanged is refused here, before any
 * attempt.
 */
import { write } from './json.js'
import { type Call, VERSION } from './operations.js'

/** A request. It is built once, so that all attempts send the same. */
export interface Request {
  url: string
  init: RequestInit
}

/** The token without surrounding blanks. The error for a malformed token does not contain it. */
export function tokenOf(given: string): string {
  const token = `${given ?? ''}`.trim()
  if (!/^[!-~]+$/.test(token)) {
    throw new TypeError('The token is empty, or holds what no token does.')
  }
  return token
}

/** The base address for paths, without a `/v1` at its end. */
export function addressOf(given: string): string {
  const address = `${given ?? ''}`.trim().replace(/\/+$/, '').replace(/\/v1$/, '')
  if (!/^https?:\/\//i.test(address)) {
    throw new TypeError(`The address '${given}' begins with no http:// or https://.`)
  }
  return new URL(address).href.replace(/\/+$/, '')
}

/** @throws {TypeError} It cannot be sent unchanged. */
export function requestOf(call: Call, token: string, address: string): Request {
  const url = address + call.path
  if (new URL(url).href !== url || call.path.includes('#')) {
    throw new TypeError(`The path '${call.path}' would become another: encode its parts.`)
  }
  const headers = headersOf(call, token)
  const init: RequestInit = { method: call.method, headers, redirect: 'manual' }
  if (call.content !== undefined) {
    headers.set('Content-Type', 'application/octet-stream')
    init.body = call.content
  } else if (call.body !== undefined) {
    headers.set('Content-Type', 'application/json')
    init.body = write(call.body, call.amounts?.body, call.amounts?.filters)
  }
  return { url, init }
}

function headersOf(call: Call, token: string): Headers {
  for (const [name, value] of Object.entries(call.headers)) checkHeader(name, value)
  const headers = new Headers({
    Authorization: `Bearer ${token}`,
    Version: VERSION,
    Accept: 'application/json',
    ...call.headers,
  })
  if (call.keyed && !headers.has('Idempotency-Key')) {
    headers.set('Idempotency-Key', crypto.randomUUID())
  }
  return headers
}

function checkHeader(name: string, value: unknown): void {
  const text = typeof value === 'string' ? value : ''
  if (name.toLowerCase() === 'idempotency-key' && !/^[!-~]{1,255}$/.test(text)) {
    throw new TypeError('An idempotency key is 1 to 255 visible ASCII characters.')
  }
  if (!/^[!-~]([ -~]*[!-~])?$/.test(text)) {
    throw new TypeError(`${name} is not visible ASCII text.`)
  }
}
