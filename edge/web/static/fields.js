// The fields of a body as inputs, made from its shape. Each input knows how to show a value
// and what its value is; `undefined` is a field that is not sent.
import { element } from './answers.js'
import { conditions, faultOf, suggest } from './conditions.js'

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** JSON text as a value. Numbers keep all their digits where the browser can do that. */
export const parse = (text) => JSON.parse(text, (_, value, context) => (
  typeof value === 'number' && context?.source ? exact(context.source) : value))

/** A value as JSON text. */
export const print = (value) => JSON.stringify(value, null, 2)

const exact = (text) => (JSON.rawJSON ? JSON.rawJSON(text) : Number(text))

/** What makes inputs: the kinds of shapes, each with what makes its control. */
const MAKERS = {
  text, number, choice, list, object, json, condition: (...given) => conditions(control, ...given),
}

/**
 * A control for a shape: its `node`, the input that a label is `of`, `show(value)` and
 * `value()`. `changed` is called after each change by the reader.
 */
export const control = (shape, path, changed) => MAKERS[shape.k](shape, path, changed)

function typed(input, path, changed, read, write) {
  let isNull = false
  input.id = `in-field-${path}`
  input.autocomplete = 'off'
  input.spellcheck = false
  input.addEventListener('input', () => {
    isNull = false
    input.placeholder = ''
    changed()
  })
  return {
    node: input,
    of: input,
    show(value) {
      isNull = value === null
      input.placeholder = isNull ? 'null' : ''
      const text = value === undefined || isNull ? '' : write(value)
      if (input.value !== text) input.value = text
    },
    value: () => (input.value === '' ? (isNull ? null : undefined) : read(input.value)),
  }
}

function text(shape, path, changed) {
  const input = element(shape.long ? 'textarea' : 'input')
  if (shape.long) input.rows = 2
  if (shape.s) suggest(input, `names-${path}`, shape.s)
  return typed(input, path, changed, (given) => given, String)
}

function number(_, path, changed) {
  const input = element('input')
  input.inputMode = 'decimal'
  const read = (given) => (NUMBER.test(given.trim()) ? exact(given.trim()) : given)
  return typed(input, path, changed, read, (value) => value.rawJSON ?? String(value))
}

function json(_, path, changed) {
  const input = element('textarea')
  input.rows = 3
  const read = (given) => {
    try {
      input.removeAttribute('aria-invalid')
      return parse(given)
    } catch {
      input.ariaInvalid = 'true'
      return given
    }
  }
  const made = typed(input, path, changed, read, print)
  // What the reader is typing stays as they type it, as long as it means the same.
  const show = (value) => {
    if (document.activeElement !== input || print(made.value()) !== print(value)) made.show(value)
  }
  return { ...made, show }
}

function choice({ v: values }, path, changed) {
  const input = element('select')
  const names = values.map(String)
  const fill = (...more) => input.replaceChildren(
    ...['', ...names, ...more].map((name) => new Option(name || 'not sent', name)))
  fill()
  input.id = `in-field-${path}`
  input.addEventListener('change', changed)
  return {
    node: input,
    of: input,
    show(value) {
      const name = value === undefined ? '' : value === null ? 'null' : String(value)
      fill(...(name && !names.includes(name) ? [name] : []))
      input.value = name
    },
    value() {
      if (input.value === '') return undefined
      const at = names.indexOf(input.value)
      if (at >= 0) return values[at]
      return input.value === 'null' ? null : input.value
    },
  }
}

function list({ of: shape, max }, path, changed) {
  const rows = element('div', 'rows')
  const more = button('Add', `Add to ${path}`)
  const node = element('div', 'list', rows, more)
  let items = []
  let isNull = false
  const add = (value) => {
    const item = control(shape, `${path}-${items.length}`, changed)
    item.of.ariaLabel ??= `${path}, ${items.length + 1}`
    item.show(value)
    const off = button('Remove', `Remove ${path}, ${items.length + 1}`)
    off.addEventListener('click', () => {
      show(all().filter((_, at) => items[at] !== item))
      more.focus()
      changed()
    })
    items.push(item)
    rows.append(element('div', 'row', item.node, off))
    more.hidden = items.length >= (max ?? Infinity)
    return item
  }
  const all = () => items.map((item) => item.value() ?? null)
  const show = (value) => {
    isNull = value === null
    const given = Array.isArray(value) ? value : []
    if (given.length === items.length) return items.forEach((item, at) => item.show(given[at]))
    items = []
    rows.replaceChildren()
    more.hidden = false
    given.forEach(add)
    return undefined
  }
  more.addEventListener('click', () => {
    isNull = false
    add(undefined).of.focus()
    changed()
  })
  const value = () => (items.length ? all() : isNull ? null : undefined)
  return { node, of: more, show, value }
}

function object({ f: fields }, path, changed) {
  const names = new Set(fields.map(({ n }) => n))
  let rest = {}
  let isThere = false
  const parts = fields.map((field) => {
    const below = path ? `${path}-${field.n}` : field.n
    return { ...field, below, control: control(field.s, below, changed) }
  })
  const node = element('div', 'object', ...parts.map(labelled))
  return {
    node,
    of: parts[0]?.control.of ?? node,
    show(value) {
      const given = value !== null && typeof value === 'object' ? value : {}
      isThere = value !== undefined && value !== null
      rest = Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name)))
      for (const part of parts) part.control.show(given[part.n])
    },
    value() {
      const found = { ...rest }
      for (const part of parts) {
        const value = part.control.value()
        if (value !== undefined) found[part.n] = value
      }
      return isThere || Object.keys(found).length ? found : undefined
    },
  }
}

/** A field with its name; one that has fields of its own can be folded. */
function labelled({ n, t, r, s, below, control: { node, of } }) {
  const name = [element('code', '', n), ' ', element('span', '', t)]
  if (r) name.push(' ', element('b', '', 'required'))
  const fault = faultOf(below)
  if (s.k === 'object') {
    const outer = element('details', '', element('summary', '', ...name), node, fault)
    outer.open = Boolean(r)
    return outer
  }
  if (s.k === 'list') {
    const outer = element('fieldset', '', element('legend', '', ...name), node, fault)
    return outer
  }
  const label = element('label', '', ...name)
  label.htmlFor = of.id
  return element('div', '', label, node, fault)
}

function button(title, name) {
  const made = element('button', 'plain small', title)
  made.type = 'button'
  made.ariaLabel = name
  return made
}
