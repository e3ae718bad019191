// What goes wrong when operations are tried, and what the page says of it.
import { done, told } from '../conversation.mjs'
import {
  access, arrive, complaints, elsewhere, form, logIn, open, paste, raw, send, shown,
} from './reference_page.mjs'

const { base } = told

async function wrongToken() {
  const page = await open()
  await arrive(page)
  return { said: await paste(page, 'pcp_nonsense'), sent: await send(await form(page, 'get-contact').then(filled)) }
}

async function filled(found) {
  await found.locator('[name=id]').fill('con_000000000000000000000000')
  return found
}

async function revoked() {
  const page = await open()
  await arrive(page)
  await logIn(page)
  await access(page, /You are/)
  const { refresh, client_id } = await page.evaluate(`JSON.parse(sessionStorage.getItem('reference token'))`)
  const body = new URLSearchParams({ token: refresh, client_id })
  await fetch(`${base}/oauth/revoke`, { method: 'POST', body })
  const creating = await form(page, 'create-contact')
  let sent
  do {
    sent = await send(creating)
  } while (sent.outcome.startsWith('201'))
  return { sent, said: await access(page, /ended|Send real/) }
}

/** Logging out while the server cannot take the access back. */
async function unrevoked() {
  const page = await open()
  await arrive(page)
  await logIn(page)
  await access(page, /You are/)
  await page.route('**/oauth/revoke', (route) => route.fulfill({ status: 503, body: '' }))
  await page.getByRole('button', { name: 'Log out' }).click()
  return access(page, /forgotten|Send real/)
}

async function renewed() {
  const page = await open()
  await arrive(page)
  await logIn(page)
  await access(page, /You are/)
  await page.evaluate(`{
    const held = JSON.parse(sessionStorage.getItem('reference token'))
    sessionStorage.setItem('reference token', JSON.stringify({ ...held, until: Date.now() }))
  }`)
  const sent = await send(await form(page, 'create-contact'))
  const held = await page.evaluate(`JSON.parse(sessionStorage.getItem('reference token'))`)
  return { sent, later: held.until > Date.now() + 60_000 }
}

async function limited() {
  const page = await open()
  await arrive(page)
  await paste(page, told.limited)
  const creating = await form(page, 'create-contact')
  const key = await creating.locator('[name="Idempotency-Key"]').inputValue()
  let sent
  do {
    sent = await send(creating)
  } while (sent.outcome.startsWith('201'))
  const again = creating.getByRole('button', { name: /^Send again/ })
  const waits = await again.textContent()
  const disabled = await again.isDisabled()
  const kept = await creating.locator('[name="Idempotency-Key"]').inputValue()
  await creating.getByRole('button', { name: 'Send again', exact: true }).click()
  const done = await creating.locator('.outcome', { hasText: '201' })
  await done.waitFor()
  return { sent, waits, disabled, key, kept, sentAgain: await shown(creating) }
}

async function unavailable() {
  const page = await open()
  await arrive(page)
  await paste(page, told.token)
  const keys = []
  await page.route('**/v1/contacts', (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    if (keys.length > 1) return route.continue()
    return route.fulfill({
      status: 503,
      headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
      body: JSON.stringify({ status: 503, detail: 'The database is out of reach.' }),
    })
  })
  const creating = await form(page, 'create-contact')
  const sent = await send(creating)
  await creating.getByRole('button', { name: 'Send again', exact: true }).click()
  await creating.locator('.outcome', { hasText: '201' }).waitFor()
  return { sent, same: keys[0] === keys[1] }
}

async function faulty() {
  const page = await open()
  await arrive(page)
  await paste(page, told.token)
  const creating = await form(page, 'create-contact')
  await raw(creating).fill('{"email": "nonsense", "lead_score": 101}')
  return send(creating)
}

async function gone() {
  const page = await open()
  await arrive(page)
  await paste(page, told.token)
  await page.route('**/v1/contacts', (route) => route.abort())
  return send(await form(page, 'create-contact'))
}

/** An address that cannot be decoded, and a proxy's page as the answer. */
async function foreign() {
  const page = await open()
  await page.goto(`${base}/docs/reference/contacts/create-contact#%`)
  await paste(page, told.token)
  const body = '<style>p{}}</style> :]'
  await page.route('**/v1/contacts', (route) => route.fulfill({ status: 502, body }))
  return send(await form(page, 'create-contact'))
}

async function withoutStorage() {
  const page = await open()
  await page.addInitScript(() => {
    for (const name of ['sessionStorage', 'localStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })
    }
  })
  await arrive(page)
  await page.getByRole('button', { name: 'Log in' }).click()
  const said = await access(page, /keeps nothing/)
  await paste(page, told.token)
  return { said, sent: await send(await form(page, 'create-contact')) }
}

/** Every text of a contact as markup: it comes back, and is text. */
async function markup() {
  const page = await open()
  await arrive(page)
  await paste(page, told.token)
  const evil = (name) => `<img src=x onerror="alert('${name}')"><script>alert(1)</script>${name}`
  const texts = ['first_name', 'last_name', 'job_title', 'source', 'address1', 'city', 'state']
  const body = Object.fromEntries(texts.map((name) => [name, evil(name)]))
  body.email = 'a@b.example'
  body.tags = ['<b onclick=alert(1)>tag</b>']
  body.custom_fields = { note: evil('note') }
  const creating = await form(page, 'create-contact')
  await raw(creating).fill(JSON.stringify(body))
  const sent = await send(creating)
  await raw(creating).fill(JSON.stringify({ [evil('x')]: evil('y') }))
  const refused = await send(creating)
  const elements = await page.locator('.came').locator('img, script, b[onclick]').count()
  const came = JSON.parse(sent.body)
  return {
    outcome: sent.outcome, refused: refused.outcome, elements,
    same: texts.every((name) => came[name] === body[name]) && came.tags[0] === body.tags[0],
  }
}

done({
  wrongToken: await wrongToken(),
  revoked: await revoked(),
  unrevoked: await unrevoked(),
  renewed: await renewed(),
  limited: await limited(),
  unavailable: await unavailable(),
  faulty: await faulty(),
  gone: await gone(),
  foreign: await foreign(),
  withoutStorage: await withoutStorage(),
  markup: await markup(),
  complaints,
  elsewhere,
})
