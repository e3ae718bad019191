// The search as a dialog over the page: "/" or Ctrl-K opens it, Escape closes it. The search
// page has the results; the server has escaped them. Without this script, the form in the
// header leads to that page.

const finder = document.getElementById('finder')
const box = finder.querySelector('input')
const offers = document.getElementById('offers')

const WAIT = 120 // milliseconds after the last key

let asked = ''
let waiting

function open() {
  if (finder.open) return
  finder.showModal()
  box.select()
}

async function offer() {
  const query = box.value.trim()
  if (query === asked) return
  asked = query
  if (query.length < 2) {
    offers.replaceChildren()
    return
  }
  const answer = await fetch(`${box.form.action}?q=${encodeURIComponent(query)}`).catch(() => null)
  if (asked !== query) return
  if (!answer?.ok) {
    asked = '' // the next key asks again
    offers.textContent = 'The search does not answer at the moment.'
    return
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  if (asked === query) offers.replaceChildren(...page.getElementById('found').childNodes)
}

/** Moves the focus among the box and the results; at the ends it stays. */
function move(step) {
  const stops = [box, ...offers.querySelectorAll('.hits a')]
  const next = stops[stops.indexOf(document.activeElement) + step]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

/** Sets up the dialog and the keys that open it. */
export function offerSearch() {
  box.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(offer, WAIT)
  })

  finder.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Escape') finder.close() // else Chromium would clear the box first
    else return
    event.preventDefault()
  })

  // A click beside the dialog meets the dialog itself: it has no padding of its own.
  finder.addEventListener('click', (event) => {
    const isSamePage = event.target.closest('a')?.pathname === location.pathname
    if (event.target === finder || event.target.closest('.close') || isSamePage) finder.close()
  })

  document.getElementById('seek').addEventListener('click', open)

  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.closest('input, textarea, select') || event.target.isContentEditable
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey
    const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey
    if (!isSlash && !isK) return
    event.preventDefault()
    open()
  })
}
