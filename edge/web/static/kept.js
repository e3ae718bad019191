// The stored values of the reference: only in this tab's storage, so that they end with the
// tab; in memory if the browser allows no storage.

const memory = new Map()

function storage() {
  try {
    return window.sessionStorage
  } catch {
    return null // the user or a policy forbids it
  }
}

/** Whether stored values survive when the page is left. */
export function lasts() {
  try {
    storage().setItem('reference', '')
    storage().removeItem('reference')
    return true
  } catch {
    return false
  }
}

/** The value stored under a name; null if there is none. */
export function get(name) {
  const text = lasts() ? storage().getItem(`reference ${name}`) : memory.get(name)
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** Stores a value under a name; null deletes it. */
export function put(name, value) {
  const text = JSON.stringify(value)
  if (!lasts()) memory.set(name, text)
  else if (value === null) storage().removeItem(`reference ${name}`)
  else storage().setItem(`reference ${name}`, text)
}
