// The reader's own token in the examples. It is the token of Try It (kept.js): in this tab
// alone, never sent by this script, never in an address.
import { get, put } from './kept.js'

// What stands for the token, and for the address of the API, in the examples. Within another
// text stands the token alone; else it takes the quotes of its language.
const STANDS = [
  [/\{os\.environ\['TOKEN'\]\}|\$\{process\.env\.TOKEN\}|\$\{?TOKEN\b\}?|pcp_\.\.\./, (token) => token],
  [/os\.environ\["TOKEN"\]/, (token) => `"${token}"`],
  [/process\.env\.TOKEN(?: \?\? '')?/, (token) => `'${token}'`],
  [/\$\{?API\b\}?/, () => `${location.origin}/v1`],
]
const EVERY = new RegExp(STANDS.map(([pattern]) => pattern.source).join('|'), 'g')
const IS_TOKEN = /^pc[a-z]_[0-9A-Za-z_-]{20,}$/

/** Marks the places of the examples, once; each keeps what the page said. */
function places() {
  return [...document.querySelectorAll('pre > code')].flatMap((code) => {
    // From the last to the first: a mark does not move what is before it.
    const found = [...code.textContent.matchAll(EVERY)].reverse()
    return found.map((match) => mark(code, match.index, match[0]))
  })
}

/** Puts a part of a text, which may be in several colours, into an element of its own. */
function mark(code, start, text) {
  const range = document.createRange()
  range.setStart(...spot(code, start))
  range.setEnd(...spot(code, start + text.length, true))
  const element = document.createElement('span')
  const said = range.extractContents()
  range.insertNode(element)
  const [, own] = STANDS.find(([pattern]) => pattern.test(text))
  return { element, said, own }
}

/** The text node at a place in an element, and the place in that; at an end, the earlier one. */
function spot(within, at, atEnd = false) {
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT)
  let before = 0
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const end = before + node.length
    if (at < end || (atEnd && at === end)) return [node, at - before]
    before = end
  }
  throw new RangeError('There is no such place in the text.')
}

function fill(marks, token) {
  for (const { element, said, own } of marks) {
    if (token) element.textContent = own(token)
    else element.replaceChildren(said.cloneNode(true))
    element.classList.toggle('filled', Boolean(token))
  }
}

function tell(form, token, words) {
  form.querySelector('.own-paste').hidden = Boolean(token)
  form.querySelector('.own-forget').hidden = !token
  const state = form.querySelector('.own-state')
  if (words) state.textContent = words
  else if (token) state.textContent = `The examples have your token, ${token.slice(0, 4)}…${token.slice(-4)}.`
  else state.replaceChildren('The examples have ', code('$TOKEN'), '.')
}

function code(text) {
  const element = document.createElement('code')
  element.textContent = text
  return element
}

/** Fills the token of this tab into the examples, and sets up the forms to give one. */
export function offerOwnToken() {
  const forms = [...document.querySelectorAll('form[data-own]')]
  const marks = places()
  const show = () => {
    const token = get('token')?.access ?? ''
    fill(marks, token)
    for (const form of forms) tell(form, token)
  }
  for (const form of forms) {
    const input = form.querySelector('input')
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const given = input.value.trim()
      input.value = ''
      if (!IS_TOKEN.test(given)) return tell(form, '', 'That is no whole token. One begins with pcp_ or pct_ and is longer.')
      put('token', { access: given })
      show()
      form.querySelector('.own-forget').focus()
    })
    form.querySelector('.own-forget').addEventListener('click', () => {
      put('token', null)
      show()
      input.focus()
    })
  }
  show()
}
