// Takes a token that was just made into this tab, when the person asks for it: the guides and
// Try It of this tab find it where `kept.js` keeps it. It is sent nowhere.
document.addEventListener('DOMContentLoaded', () => {
  document.getElementById('use').addEventListener('click', () => {
    const access = document.querySelector('#secret code').textContent
    try {
      sessionStorage.setItem('reference token', JSON.stringify({ access }))
    } catch {
      // The browser keeps nothing for this page; the guides then have `$TOKEN`.
    }
  })
})
