// Shows the times in the visitor's own zone at once, and anew when another zone is chosen.
// Without this script a button does that.
{
  const zones = document.getElementById('tz')
  if (zones) {
    const form = zones.form
    zones.addEventListener('change', () => form.requestSubmit())
    const asked = new URLSearchParams(location.search).has('tz')
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    if (!asked && own && own !== zones.value) {
      const to = new URL(location.href)
      to.searchParams.set('tz', own)
      location.replace(to)
    }
  }
  const form = document.getElementById('details')
  if (form) {
    form.addEventListener('submit', () => {
      for (const each of form.querySelectorAll('button')) each.setAttribute('aria-disabled', 'true')
    })
  }
}
