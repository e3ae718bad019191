// The reader's own token in the examples. It is the token of Try It (kept.js): in this tab
// alone, never sent by this script, never in an address.
import { get, put } from './kept.js'

// What stands for the token, and for the address of the API, in the examples.
const STANDS = /\$\{?TOKEN\b\}?|pcp_\.\.\.|\$\{?API\b\}?/
const IS_TOKEN = /^pc[a-z]_[0-9A-Za-z_-]{20,}$/
const API = `${location.origin}/v1`

/** Marks the places of the examples, once; each keeps what the page said. */
function places() {
  const found = []
  for (const code of document.querySelectorAll('pre > code')) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
    const texts = []
    while (walker.nextNode()) if (STANDS.test(walker.currentNode.data)) texts.push(walker.currentNode)
    for (const text of texts) found.push(...split(text))
  }
  return found
}

function split(text) {
  const found = []
  for (let at = STANDS.exec(text.data); at; at = STANDS.exec(text.data)) {
    const place = text.splitText(at.index)
    text = place.splitText(at[0].length)
    const mark = document.createElement('span')
    place.replaceWith(mark)
    mark.append(place)
    mark.dataset.said = at[0]
    found.push(mark)
  }
  return found
}

function fill(marks, token) {
  for (const mark of marks) {
    const { said } = mark.dataset
    const own = said.includes('API') ? API : token
    mark.textContent = token ? own : said
    mark.classList.toggle('filled', Boolean(token))
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
      if (!IS_TOKEN.test(given)) return tell(form, '', 'That is no token: it begins with pcp_.')
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
