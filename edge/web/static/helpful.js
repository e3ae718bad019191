// "Was this page helpful?": sends the answer without leaving the page. Without this script
// the form does.

/** Sets up the form, where the page has it. */
export function offerHelpful() {
  const form = document.querySelector('form.helpful')
  form?.addEventListener('submit', async (event) => {
    event.preventDefault()
    const body = new URLSearchParams(new FormData(form, event.submitter))
    const answer = await fetch(form.action, { method: 'POST', body }).catch(() => null)
    const line = form.querySelector('p')
    if (answer?.ok) for (const button of form.querySelectorAll('button')) button.remove()
    if (answer?.ok) line.textContent = 'Thank you. Only the number of answers is kept.'
    else if (answer?.status === 429) line.textContent = 'That is enough for this hour. Thank you.'
    else line.textContent = 'The answer did not arrive. Try again?'
  })
}
