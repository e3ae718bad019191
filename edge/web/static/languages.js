// The language of samples: one choice for all pages, kept in this browser. Without this script
// each sample is switched by itself.

const KEY = 'language'

function kept() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // the person or a policy forbids storage
  }
}

function keep(language) {
  try {
    localStorage.setItem(KEY, language)
  } catch {
    // It holds for this page alone.
  }
}

/** Shows every sample of the page that is there in a language in it. */
function show(language) {
  for (const input of document.querySelectorAll('.samples input')) {
    if (input.value === language) input.checked = true
  }
}

/** Shows samples in the kept language; the one that is switched keeps its place on screen. */
export function offerLanguages() {
  const language = kept()
  if (language) show(language)
  document.addEventListener('change', ({ target }) => {
    if (!target.matches('.samples input')) return
    const before = target.getBoundingClientRect().top
    show(target.value)
    scrollBy({ top: target.getBoundingClientRect().top - before, behavior: 'instant' })
    keep(target.value)
  })
}
