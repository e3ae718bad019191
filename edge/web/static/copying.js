// Buttons that copy code.

const SHOWN = 2000 // milliseconds

function add(block) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    const codes = [...block.querySelectorAll('code')]
    const shown = codes.find((code) => code.checkVisibility()) ?? codes[0]
    await navigator.clipboard.writeText(shown.textContent.trimEnd())
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, SHOWN)
  })
  block.append(button)
}

/** Adds a button to each block of code but answers. */
export function offerCopies() {
  if (!navigator.clipboard) return
  for (const block of document.querySelectorAll('.code:not(.answer)')) add(block)
}
