// The end of a login: it first removes the parameters from the address.
import { finish, LoginError } from './login.js'

const answer = new URLSearchParams(location.search)
history.replaceState(null, '', location.pathname)

try {
  location.replace(await finish(answer))
} catch (error) {
  document.getElementById('heading').textContent = 'You are not logged in'
  document.getElementById('state').textContent = error instanceof LoginError
    ? error.message
    : 'The server could not be reached. Go back and log in once more.'
}
