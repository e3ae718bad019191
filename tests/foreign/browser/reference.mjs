// A newcomer's ways from the front page to a record that they created: with a token, and
// by logging in; and back out again.
import { done, told } from '../conversation.mjs'
import {
  access, arrive, complaints, decide, elsewhere, form, logIn, open, paste, raw, send,
} from './reference_page.mjs'

async function withToken() {
  const page = await open()
  await arrive(page)
  const before = await send(await form(page, 'create-contact'))
  const who = await paste(page, told.token)
  const creating = await form(page, 'create-contact')
  const key = creating.locator('[name="Idempotency-Key"]')
  const first = await key.inputValue()
  const made = await send(creating)
  const second = await key.inputValue()
  const got = await send(await form(page, 'get-contact'))
  await page.reload()
  const after = await access(page, /You are/)
  return { before, who, made, got, keys: [first, second], after }
}

async function byLogin() {
  const page = await open()
  await arrive(page)
  const creating = await form(page, 'create-contact')
  await raw(creating).fill('{"first_name": "Grace", "phone": "+1 555 0100"}')
  await logIn(page)
  const who = await access(page, /You are/)
  const address = page.url()
  const draft = await raw(creating).inputValue()
  const made = await send(await form(page, 'create-contact'))
  const held = await page.evaluate(`JSON.parse(sessionStorage.getItem('reference token'))`)
  await page.getByRole('button', { name: 'Log out' }).click()
  const left = await access(page, /Send real requests/)
  const stored = await page.evaluate('JSON.stringify(sessionStorage) + JSON.stringify(localStorage)')
  return { who, address, draft, made, left, forgotten: !stored.includes(held.access), token: held.access }
}

async function readOnly() {
  const page = await open()
  await arrive(page)
  await logIn(page, { choice: 'Read only' })
  await access(page, /You are/)
  return send(await form(page, 'create-contact'))
}

/** The actions that a login asks for, by what one chooses before it. */
async function actions() {
  const found = {}
  for (const choice of ['', 'Read only', 'Read, write and delete']) {
    const page = await open()
    await arrive(page)
    await logIn(page, { choice })
    await access(page, /You are/)
    const scopes = await page.evaluate(async () => {
      const { access } = JSON.parse(sessionStorage.getItem('reference token'))
      const headers = { Authorization: `Bearer ${access}`, Version: '2026-11-01' }
      return (await (await fetch('/v1/me', { headers })).json()).token.scopes
    })
    found[choice] = [...new Set(scopes.map((scope) => scope.split('.')[1]))].sort()
  }
  return found
}

/** A narrow window: where the answer comes is below its lower edge. */
async function seen() {
  const page = await open({ viewport: { width: 800, height: 600 } })
  await page.goto(`${told.base}/docs/reference/contacts/search-contacts#try`)
  const settled = () => page.evaluate(() => new Promise((resolve) => {
    let last = scrollY
    const look = () => (scrollY === last ? resolve(last) : (last = scrollY, setTimeout(look, 100)))
    setTimeout(look, 100)
  }))
  const smooth = await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)
  const begun = await settled()
  const sending = await form(page, 'search-contacts')
  await send(sending)
  const isIn = ({ y, height }) => y >= 0 && y + height <= 600
  let inView = false
  for (const until = Date.now() + 60_000; !inView && Date.now() < until;) {
    await settled() // it may not have begun to move, on a busy machine
    inView = isIn(await sending.locator('.outcome').boundingBox())
  }
  return { smooth, begun, inView }
}

async function refusing() {
  const page = await open()
  await arrive(page)
  await logIn(page, { answer: 'deny' })
  await page.getByRole('heading', { name: 'You are not logged in' }).waitFor()
  const state = await page.locator('#state').textContent()
  await page.getByRole('link', { name: 'Back to the reference' }).click()
  await page.getByRole('heading', { level: 1, name: 'API reference' }).waitFor()
  return state
}

async function strangers() {
  const found = {}
  const page = await open()
  const asked = `${told.base}/docs/reference/callback?code=pcc_x&state=x&iss=`
  await page.goto(asked + encodeURIComponent(told.base))
  await page.getByRole('heading', { name: 'You are not logged in' }).waitFor()
  found.state = await page.locator('#state').textContent()
  found.address = page.url()
  await arrive(page)
  // The login began at one server, and another answers.
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(/\/oauth\//)
  await page.evaluate(`{
    const begun = JSON.parse(sessionStorage.getItem('reference login'))
    const other = { ...begun, issuer: 'https://other.example' }
    sessionStorage.setItem('reference login', JSON.stringify(other))
  }`)
  await decide(page)
  await page.getByRole('heading', { name: 'You are not logged in' }).waitFor()
  found.issuer = await page.locator('#state').textContent()
  return found
}

done({
  token: await withToken(),
  login: await byLogin(),
  readOnly: await readOnly(),
  actions: await actions(),
  seen: await seen(),
  refused: await refusing(),
  strangers: await strangers(),
  complaints,
  elsewhere,
})
