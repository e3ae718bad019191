// A condition of a search as inputs: its field, its operator, and what that compares with.
// A group of conditions is shown as JSON.
import { element } from './answers.js'

const PARTS = ['field', 'operator', 'value', 'values']

/** The rules for a field; `custom_fields.` stands for every field that begins with it. */
const rulesFor = (rules, field) => rules.filter(({ f: fields }) => fields.some(
  (name) => (name.endsWith('.') ? field.startsWith(name) : field === name)))

const isCondition = (value) => value === undefined || (value !== null && typeof value === 'object'
  && !Array.isArray(value) && Object.keys(value).every((name) => PARTS.includes(name)))

/** A control for a condition; see `control`, which makes the inputs of values. */
export function conditions(control, { c: rules }, path, changed) {
  const field = fieldInput(rules, path)
  const operator = element('select')
  operator.id = `in-field-${path}-operator`
  operator.ariaLabel = `${path}, operator`
  const place = element('div', 'compared')
  const group = control({ k: 'json' }, `${path}-group`, changed)
  group.of.ariaLabel = `${path}, a group of conditions`
  const parts = element('div', 'condition', field, operator, place)
  const faults = ['', '-field', '-operator', '-value', '-values'].map((part) => faultOf(path + part))
  const node = element('div', 'conditioned', parts, ...faults)
  let compared = null // the control of the value, and how it is sent
  let isGroup = false

  const offer = () => {
    const fitting = rulesFor(rules, field.value)
    const names = [...new Set((fitting.length ? fitting : rules).flatMap(({ o }) => o))]
    const kept = operator.value
    const more = kept && !names.includes(kept) ? [kept] : []
    operator.replaceChildren(...['', ...names, ...more].map((name) => new Option(name || 'operator', name)))
    operator.value = kept
  }

  const compare = () => {
    const rule = rulesFor(rules, field.value).find(({ o }) => o.includes(operator.value))
    const name = rule?.m?.includes(operator.value) ? 'values' : 'value'
    const shape = rule && !rule.v ? null
      : name === 'values' ? { k: 'list', of: rule.v } : rule?.v ?? { k: 'json' }
    const key = JSON.stringify([name, shape])
    if (compared?.key === key) return
    const before = compared?.name === name ? compared.control.value() : undefined
    compared = shape && { key, name, control: control(shape, `${path}-${name}`, changed) }
    place.replaceChildren(...(compared ? [compared.control.node] : []))
    if (!compared) return
    compared.control.of.ariaLabel ??= `${path}, ${name}`
    compared.control.show(before)
  }

  const choose = () => {
    offer()
    compare()
    changed()
  }
  field.addEventListener('input', choose)
  operator.addEventListener('change', choose)

  const show = (value) => {
    isGroup = !isCondition(value)
    parts.replaceChildren(...(isGroup ? [group.node] : [field, operator, place]))
    if (isGroup) return group.show(value)
    if (field.value !== (value?.field ?? '')) field.value = value?.field ?? ''
    offer()
    if (value?.operator && ![...operator.options].some((each) => each.value === value.operator)) {
      operator.append(new Option(value.operator, value.operator))
    }
    operator.value = value?.operator ?? ''
    compare()
    return compared?.control.show(value?.[compared.name])
  }

  const value = () => {
    if (isGroup) return group.value()
    const found = {}
    if (field.value) found.field = field.value
    if (operator.value) found.operator = operator.value
    const sent = compared?.control.value()
    if (sent !== undefined) found[compared.name] = sent
    return found
  }
  show(undefined)
  return { node, of: field, show, value }
}

function fieldInput(rules, path) {
  const input = element('input')
  input.id = `in-field-${path}-field`
  input.ariaLabel = `${path}, field`
  input.placeholder = 'field'
  input.autocomplete = 'off'
  input.spellcheck = false
  suggest(input, 'condition-fields', [...new Set(rules.flatMap(({ f }) => f))])
  return input
}

/** Offers texts for an input, which takes others, too. */
export function suggest(input, id, texts) {
  input.setAttribute('list', id)
  if (document.getElementById(id)) return
  const names = element('datalist')
  names.id = id
  names.append(...texts.map((text) => new Option(text)))
  document.body.append(names)
}

/** Where the server's fault of a field is shown. */
export function faultOf(path) {
  const fault = element('p', 'fault')
  fault.id = `fault-field-${path}`
  fault.dataset.field = path
  return fault
}
