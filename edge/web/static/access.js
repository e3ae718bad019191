// The login of Try It: gets a token, shows whose it is, and revokes it.
import { begin, end, LoginError, paste, renew, token } from './login.js'
import { send } from './calls.js'

const at = (id) => document.getElementById(id)
const version = () => document.querySelector('input[name="Version"]').value

/** Sets up the ways to log in; `leaving` is called before the page is left. */
export function offerAccess(leaving) {
  at('log-in').addEventListener('submit', (event) => {
    event.preventDefault()
    leaving()
    begin(at('log-in').elements.scopes.value, location.pathname + location.hash).catch(
      (error) => say(error instanceof LoginError
        ? error.message
        : 'The server cannot be reached. Try again.'),
    )
  })
  at('paste').addEventListener('submit', async (event) => {
    event.preventDefault()
    paste(at('token').value.trim())
    at('token').value = ''
    await showAccess()
    // If the token is valid, the element with the focus was removed.
    if (at('ways-in').hidden) at('log-out').focus()
  })
  at('log-out').addEventListener('click', async () => {
    try {
      await end()
      await showAccess()
    } catch {
      await showAccess()
      say('The token is forgotten here. The server could not be told; it ends by itself.')
    }
    at('log-in').querySelector('button').focus()
  })
}

/** Shows whose token it is, according to the server. */
export async function showAccess() {
  const held = await token()
  if (!held) return show(false, 'Send real requests to this server.')
  try {
    let answer = await ask(held)
    if (answer.status === 401 && await renew()) answer = await ask(await token())
    if (answer.status === 401) {
      return show(false, 'The token is unknown, or it has ended. Log in again, or use another.')
    }
    if (answer.status !== 200) return show(true, 'There is a token, of somebody.')
    const me = JSON.parse(answer.text)
    return show(true, `You are ${me.user.name}, ${me.role} of ${me.business.name}.`)
  } catch {
    return show(true, 'There is a token. The server cannot be reached to ask whose.')
  }
}

const ask = (held) => send(
  { method: 'GET', path: '/v1/me', headers: new Map([['Version', version()]]), body: null },
  held,
)

function show(inside, text) {
  at('ways-in').hidden = inside
  at('log-out').hidden = !inside
  document.body.classList.toggle('inside', inside)
  say(text)
}

function say(text) {
  at('access-state').textContent = text
}
