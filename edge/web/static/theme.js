// The theme that the person has chosen, kept in this browser. Runs before the page is drawn,
// so that no other theme is seen first. Without a choice the system decides.
{
  const KEY = 'theme'
  const NEXT = { '': 'light', light: 'dark', dark: '' }
  const WORDS = { '': 'as the system', light: 'light', dark: 'dark' }
  const root = document.documentElement

  const kept = () => {
    try {
      const found = localStorage.getItem(KEY)
      return found in NEXT ? found : ''
    } catch {
      return '' // the person or a policy forbids storage
    }
  }

  let theme = kept()

  const show = () => {
    if (theme) root.dataset.theme = theme
    else delete root.dataset.theme
    const button = document.getElementById('theme')
    if (button) button.ariaLabel = button.title = `Theme: ${WORDS[theme]}`
  }

  const choose = (chosen) => {
    theme = chosen
    try {
      if (theme) localStorage.setItem(KEY, theme)
      else localStorage.removeItem(KEY)
    } catch {
      // It holds for this page alone.
    }
    show()
  }

  show()
  addEventListener('storage', (event) => {
    if (event.key !== KEY) return
    theme = kept()
    show()
  })
  document.addEventListener('DOMContentLoaded', () => {
    show()
    document.getElementById('theme')?.addEventListener('click', () => choose(NEXT[theme]))
  })
}
