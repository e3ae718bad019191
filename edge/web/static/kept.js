// What the reference remembers: in this tab's storage alone, so that it is gone with the
// tab; in memory where the browser keeps nothing for us.

const memory = new Map()

function storage() {
  try {
    return window.sessionStorage
  } catch {
    return null // the user or a policy forbids it
  }
}

/** Whether what is kept is still there after the page is left. */
export function lasts() {
  try {
    storage().setItem('reference', '')
    storage().removeItem('reference')
    return true
  } catch {
    return false
  }
}

/** What was kept under a name; null when there is nothing. */
export function get(name) {
  const text = lasts() ? storage().getItem(`reference ${name}`) : memory.get(name)
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** Keeps a value under a name; null forgets it. */
export function put(name, value) {
  const text = JSON.stringify(value)
  if (!lasts()) memory.set(name, text)
  else if (value === null) storage().removeItem(`reference ${name}`)
  else storage().setItem(`reference ${name}`, text)
}
