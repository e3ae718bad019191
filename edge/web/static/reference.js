// Try It: the form of an operation sends its call. The samples and descriptions work
// without this script.
import { offerAccess, showAccess } from './access.js'
import { showAnswer, showSilence } from './answers.js'
import { curlOf, requestOf, send } from './calls.js'
import { again, adviceFor, faultsOf } from './advice.js'
import { offerBody, showFaults } from './body.js'
import { get, put } from './kept.js'
import { renew, token } from './login.js'

const forms = [...document.querySelectorAll('form[data-path]')]

const newKey = () => [...crypto.getRandomValues(new Uint8Array(12))]
  .map((byte) => byte.toString(16).padStart(2, '0')).join('')

async function call(form) {
  const request = requestOf(form)
  const place = form.querySelector('.came')
  const button = form.querySelector('.send button')
  const line = form.querySelector('.said')
  if (button.ariaDisabled) return
  button.ariaDisabled = 'true' // not `disabled`: that would remove the focus
  button.focus()
  place.hidden = true
  line.textContent = 'Sent. Waiting for the answer.'
  try {
    let answer = await send(request, await token())
    if (answer.status === 401 && await renew()) answer = await send(request, await token())
    if (answer.status === 401) await showAccess()
    showAnswer(place, answer, curlOf(request), adviceFor(answer, form))
    showFaults(form, faultsOf(answer))
    line.textContent = `Answered ${answer.status}.`
    bringIntoView(place)
    if (answer.status < 300) learn(form, answer)
  } catch {
    showSilence(place, curlOf(request), [
      'The server cannot be reached, or did not answer in time. Nobody knows whether it got '
      + 'the request. ', again(form),
    ])
    line.textContent = 'No answer came.'
    bringIntoView(place)
  } finally {
    button.ariaDisabled = null
  }
}

/** Scrolls to the answer, unless its beginning is visible. */
function bringIntoView(place) {
  const outcome = place.querySelector('.outcome')
  const { top } = outcome.getBoundingClientRect()
  if (top < 0 || top > innerHeight * 0.7) outcome.scrollIntoView({ block: 'center' })
}

/** Prepares the next call: a new key, and the id for operations that need one. */
function learn(form, answer) {
  const key = form.elements['Idempotency-Key']
  if (key) key.value = newKey()
  const id = /^\{[^{[]*"id":"([a-z]+_[0-9a-f]{24})"/.exec(answer.text)?.[1]
  if (!id || form.dataset.method === 'DELETE') return
  put('ids', { ...get('ids'), [id.slice(0, -24)]: id })
}

/** Fills in the ids of records that the reader has made or read in this tab. */
function recall(form) {
  for (const input of form.querySelectorAll('input[data-in="path"][pattern]')) {
    const whole = new RegExp(`^(?:${input.pattern})$`)
    input.value ||= Object.values(get('ids') ?? {}).find((id) => whole.test(id)) ?? ''
  }
}

/** The user's input, to be restored when they return from the login. */
function drafts() {
  const fields = forms.flatMap((form) => [...form.elements])
  return Object.fromEntries(fields
    .filter((field) => field.id && field.dataset.in && field.value !== field.defaultValue)
    .map((field) => [field.id, field.value]))
}

function restore() {
  for (const [id, value] of Object.entries(get('drafts') ?? {})) {
    const field = document.getElementById(id)
    if (field) field.value = value
  }
  put('drafts', null)
}

for (const form of forms) {
  form.hidden = false
  const key = form.elements['Idempotency-Key']
  if (key) key.value = newKey()
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    call(form)
  })
}
// Operations were on the page of their resource before they had pages of their own.
const moved = document.getElementById(location.hash.slice(1))?.dataset.page
if (moved) location.replace(moved)
if (forms.length) {
  restore()
  forms.forEach(recall)
  forms.forEach(offerBody)
  offerAccess(() => put('drafts', drafts()))
  await showAccess()
}
