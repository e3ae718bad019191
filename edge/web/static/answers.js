// The result of a call, shown below its form. All content from the server is shown as text
// and never parsed as HTML.
import { parts } from './json.js'

const TELLING = [
  'X-Trace-Id', 'Version', 'ETag', 'Location', 'Idempotent-Replayed', 'Retry-After',
  'WWW-Authenticate', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset',
]
const NAMES = {
  200: 'OK', 201: 'Created', 204: 'No Content', 304: 'Not Modified', 400: 'Bad Request',
  401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict',
  412: 'Precondition Failed', 413: 'Payload Too Large', 415: 'Unsupported Media Type',
  422: 'Validation Failed', 429: 'Too Many Requests', 503: 'Service Unavailable',
  504: 'Deadline Exceeded',
}

/** An element with a class and children, which are elements or texts. */
export function element(name, className, ...children) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
}

/** Shows an answer with `advice` on it, in elements and texts. */
export function showAnswer(place, answer, curl, advice) {
  const good = answer.status < 400
  const name = NAMES[answer.status] ?? ''
  place.replaceChildren(
    element('p', 'outcome',
      element('b', good ? 'status-good' : 'status-bad', `${answer.status} ${name}`.trim()),
      element('span', '', `${answer.milliseconds} ms`)),
    ...(advice.length ? [element('div', good ? 'advice' : 'advice bad', ...advice)] : []),
    headersOf(answer),
    ...(answer.text ? [block('Body', bodyOf(answer.text))] : []),
    block('As curl', curl, true),
  )
  place.hidden = false
}

/** Shows that no answer came. */
export function showSilence(place, curl, advice) {
  place.replaceChildren(
    element('p', 'outcome', element('b', 'status-bad', 'No answer')),
    element('div', 'advice bad', ...advice),
    block('As curl', curl, true),
  )
  place.hidden = false
}

function headersOf({ headers }) {
  const list = element('dl', 'heads')
  for (const name of TELLING) {
    const value = headers.get(name)
    if (value !== null) list.append(element('dt', '', name), element('dd', '', value))
  }
  return list
}

function bodyOf(text) {
  const shown = document.createDocumentFragment()
  for (const [className, part] of parts(text)) {
    shown.append(className ? element('span', className, part) : part)
  }
  return shown
}

function block(title, content, copies = false) {
  const code = element('code', '', content)
  const pre = element('pre', '', code)
  pre.tabIndex = 0
  const made = element('div', 'code', element('p', 'language', title), pre)
  if (copies && navigator.clipboard) made.append(copier(code))
  return made
}

function copier(code) {
  const button = element('button', 'copy', 'Copy')
  button.type = 'button'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent)
    button.textContent = 'Copied'
  })
  return button
}
