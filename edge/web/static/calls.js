// The call of a form: as a request, and as a command for a terminal.

const WAIT = 60_000 // milliseconds; the server gives up after half of that

/** The request of a form, without its token. */
export function requestOf(form) {
  const headers = new Map()
  let path = form.dataset.path
  let body = null
  for (const field of form.querySelectorAll('[data-in]')) {
    const value = field.value.trim()
    if (field.dataset.in === 'path') {
      path = path.replace(`{${field.name}}`, encodeURIComponent(value))
    } else if (field.dataset.in === 'header' && value) {
      headers.set(field.name, value)
    } else if (field.dataset.in === 'body') {
      body = field.value
      headers.set('Content-Type', field.dataset.type)
    }
  }
  return { method: form.dataset.method, path, headers, body }
}

/** Sends a request to this server; rejects if there is no answer. */
export async function send({ method, path, headers, body }, token) {
  const all = new Headers([...headers])
  if (token) all.set('Authorization', `Bearer ${token}`)
  const started = performance.now()
  const answer = await fetch(path, {
    method,
    headers: all,
    body,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    signal: AbortSignal.timeout(WAIT),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    milliseconds: Math.round(performance.now() - started),
  }
}

/** The same request as a command for a terminal, without the token. */
export function curlOf({ method, path, headers, body }) {
  const implied = body === null ? 'GET' : 'POST'
  const lines = [
    `curl -i ${method === implied ? '' : `-X ${method} `}${quoted(location.origin + path)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...[...headers].map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
  ]
  if (body !== null) lines.push(`-d ${quoted(body)}`)
  return lines.join(' \\\n  ')
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`
