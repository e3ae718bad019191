// Advice on an answer, as text, and the button that sends the same request again.
import { element } from './answers.js'

const toAccess = (text) => {
  const link = element('a', '', text)
  link.href = '#access'
  return link
}

/** A button that sends a form again after some seconds, with the same idempotency key. */
export function again(form, seconds = 0) {
  const button = element('button', 'plain small', '')
  let left = seconds
  const tell = () => {
    button.textContent = left ? `Send again in ${left} s` : 'Send again'
    button.disabled = left > 0
  }
  const clock = setInterval(() => {
    left = Math.max(0, left - 1)
    tell()
    if (!left || !button.isConnected) clearInterval(clock)
  }, 1000)
  button.type = 'button'
  button.addEventListener('click', () => form.requestSubmit())
  tell()
  return button
}

/** The advice on an answer, as elements and texts; empty for a success. */
export function adviceFor(answer, form) {
  const key = form.elements['Idempotency-Key'] ? ' The key stays, so it is done once.' : ''
  const seconds = Number(answer.headers.get('Retry-After') ?? 0)
  switch (answer.status) {
    case 401:
      return ['No valid token came with the request. ', toAccess('Log in, or use another token.')]
    case 403:
      return [detail(answer), ' ', toAccess('Use a token that may do this.')]
    case 409:
    case 429:
      return [`${detail(answer)}${key} `, again(form, seconds)]
    case 500:
    case 503:
    case 504:
      return [`${detail(answer)} Nothing is wrong with the request.${key} `, again(form, seconds)]
    default:
      return answer.status < 400 ? [] : [detail(answer), ...faults(answer)]
  }
}

const detail = (answer) => String(problem(answer).detail ?? '')

/** The faults of fields; empty if there are none. */
export function faultsOf(answer) {
  const { errors } = problem(answer)
  return Array.isArray(errors) ? errors : []
}

/** The same as a list, if there are several. */
function faults(answer) {
  const errors = faultsOf(answer)
  if (errors.length < 2) return []
  return [element('ul', '', ...errors.map(({ field, message }) => element('li', '',
    element('code', '', String(field)), ` ${message}`)))]
}

function problem(answer) {
  try {
    return JSON.parse(answer.text) ?? {}
  } catch {
    return {}
  }
}
