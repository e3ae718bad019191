// The body of Try It: as fields and as JSON beside each other, both always the same.
import { control, parse, print } from './fields.js'
import { element } from './answers.js'
import { inked } from './json.js'

const MOST = 20_000 // characters; a longer body is not coloured while one types

/** Sets up the body of a form; one without a shape is text alone. */
export function offerBody(form) {
  const raw = form.querySelector('[data-in="body"]')
  if (!raw) return
  const ink = () => color(raw, form.querySelector('.colors'))
  raw.addEventListener('input', ink)
  ink()
  if (form.dataset.shape) keepAlike(form, raw, JSON.parse(form.dataset.shape), ink)
}

function keepAlike(form, raw, shape, ink) {
  const built = form.querySelector('.built')
  const said = form.querySelector('.unread')
  const fields = control(shape, '', () => {
    raw.value = print(fields.value() ?? {})
    said.textContent = ''
    ink()
  })
  const read = () => {
    try {
      const value = parse(raw.value || '{}')
      if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError()
      fields.show(value)
      said.textContent = ''
    } catch {
      said.textContent = 'This is no JSON object yet. The fields show what it was before.'
    }
  }
  built.append(fields.node)
  built.hidden = false
  raw.addEventListener('input', read)
  read()
}

function color(raw, place) {
  const parts = raw.value.length > MOST ? [['', raw.value]] : inked(raw.value)
  place.replaceChildren(
    ...[...parts].map(([name, text]) => (name ? element('span', name, text) : text)),
    '\n',
  )
}

/** Shows the faults that the server found beside the fields that have them. */
export function showFaults(form, errors) {
  for (const place of form.querySelectorAll('.fault')) place.textContent = ''
  for (const input of form.querySelectorAll('[data-faulty]')) {
    delete input.dataset.faulty
    input.removeAttribute('aria-invalid')
    input.removeAttribute('aria-describedby')
  }
  for (const { field, message } of errors) {
    const place = placeOf(form, String(field))
    if (place) mark(place, String(message))
  }
}

/** Where a fault belongs: to its field, or to the one around it that has a place. */
function placeOf(form, field) {
  const steps = field.split(/[.[\]]+/).filter(Boolean)
  for (; steps.length; steps.pop()) {
    const place = form.querySelector(`.fault[data-field="${CSS.escape(steps.join('-'))}"]`)
    if (place) return place
  }
  return null
}

function mark(place, message) {
  place.textContent = place.textContent ? `${place.textContent} ${message}` : message
  for (let outer = place.closest('details'); outer; outer = outer.parentElement.closest('details')) {
    outer.open = true
  }
  const id = `in-field-${place.dataset.field}`
  const input = document.getElementById(id) ?? place.parentElement.querySelector('input, select, textarea')
  if (!input) return
  input.dataset.faulty = ''
  input.setAttribute('aria-invalid', 'true')
  input.setAttribute('aria-describedby', place.id)
}
