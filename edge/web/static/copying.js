// Buttons that copy code.

const SHOWN = 2000 // milliseconds

/** What is copied of a code: of what a terminal shows, the commands without their prompts. */
export function copied(code) {
  const lines = code.trimEnd().split('\n')
  if (!lines.some((line) => line.startsWith('$ '))) return lines.join('\n')
  let goesOn = false
  const commands = lines.filter((line) => {
    const is = goesOn || line.startsWith('$ ')
    goesOn = is && line.endsWith('\\')
    return is
  })
  return commands.map((line) => line.replace(/^\$ /, '')).join('\n')
}

function add(block) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    const codes = [...block.querySelectorAll('code')]
    const shown = codes.find((code) => code.checkVisibility()) ?? codes[0]
    await navigator.clipboard.writeText(copied(shown.textContent))
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
