// Improvements of the pages: buttons to copy code, "/" for the search, and results while the
// user types. All pages work without this script.

const box = document.getElementById('q')

for (const block of document.querySelectorAll('.code:not(.answer)')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code').textContent.trimEnd())
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  })
  if (navigator.clipboard) block.append(button)
}

// Scrolls the list of pages to the current page.
const side = document.querySelector('.side')
const here = side?.querySelector('[aria-current]')
if (here) side.scrollTop = here.offsetTop - innerHeight / 2

const offers = document.createElement('div')
offers.className = 'offers'
offers.hidden = true
offers.setAttribute('role', 'region')
offers.setAttribute('aria-label', 'Pages found')
box.form.append(offers)

let asked = ''
let waiting

// The search page contains the results; the server has escaped them.
async function offer() {
  const query = box.value.trim()
  if (query === asked) return
  asked = query
  if (query.length < 2) {
    offers.hidden = true
    return
  }
  const answer = await fetch(`${box.form.action}?q=${encodeURIComponent(query)}`)
  if (!answer.ok || asked !== query) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  offers.replaceChildren(...page.getElementById('found').childNodes)
  offers.hidden = false
}

box.addEventListener('input', () => {
  clearTimeout(waiting)
  waiting = setTimeout(offer, 120)
})

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, textarea, select')
  const links = [...offers.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    box.focus()
    box.select()
  } else if (event.key === 'Escape' && !offers.hidden) {
    event.preventDefault() // else the browser would clear the box
    offers.hidden = true
    asked = ''
    box.focus()
  } else if (!offers.hidden && box.form.contains(event.target)) {
    if (event.key === 'ArrowDown' && links[at + 1]) links[at + 1].focus()
    else if (event.key === 'ArrowUp' && at >= 0) (links[at - 1] ?? box).focus()
    else return
    event.preventDefault()
  }
})

document.addEventListener('click', (event) => {
  if (!box.form.contains(event.target)) offers.hidden = true
})
