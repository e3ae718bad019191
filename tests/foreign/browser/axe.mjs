// Every page under axe, light and dark, wide and at 390 pixels; none scrolls sideways.
// With `shots`, a folder, it also leaves a picture of each.
import { asking, call, launch, register, tokens } from './browser.mjs'
import { found, look, looks, views, violations } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const uris = { web: 'https://dialler.example/back', device: 'http://127.0.0.1:7/back' }
const scope = 'contact.all deal.read deal.write task.read activity.write note.delete'
const ids = {
  web: await register(base, uris.web),
  device: await register(base, uris.device, {
    client_name: 'Quarterly Forecast & Sales Analytics Companion for Whole Teams',
  }),
}

async function allow(page, which) {
  const { url, verifier } = asking(base, ids[which], uris[which], scope)
  await page.goto(url)
  await page.click('button[value=allow]')
  await page.waitForURL(/\/back/)
  const issued = await tokens(base, {
    grant_type: 'authorization_code', code: new URL(page.url()).searchParams.get('code'),
    client_id: ids[which], redirect_uri: uris[which], code_verifier: verifier,
  })
  return call(told, issued.access_token)
}

const browser = await launch(told.chromium)
for (const [scheme, width] of views(1)) {
  const context = await browser.newContext({
    colorScheme: scheme, viewport: { width, height: 844 },
  })
  for (const uri of Object.values(uris)) {
    await context.route(`${uri}**`, (route) => route.fulfill({ body: 'back' }))
  }
  const page = await context.newPage()
  const see = (name) => look(page, `${name}-${scheme}-${width}`)
  const press = async (button, shown) => {
    await button.click()
    await page.getByText(shown).waitFor()
    await page.waitForLoadState()
  }
  const main = page.locator('main button')
  const ending = page.getByRole('button', { name: 'End access' })
  await page.goto(`${base}/oauth/login`)
  await see('login')
  await page.goto(asking(base, ids.web, uris.web, scope).url)
  await see('login-for-an-app')
  await page.fill('#email', told.email)
  await page.fill('#password', 'wrong')
  await press(main, 'is not right')
  await see('login-refused')
  await page.fill('#password', told.password)
  await press(main, 'It will be able to')
  await see('consent')
  await page.goto(asking(base, ids.device, uris.device, 'contact.read').url)
  await see('consent-on-a-device')
  await allow(page, 'web')
  await allow(page, 'device')
  await page.goto(`${base}/account/apps`)
  await see('apps')
  await press(ending.first(), 'has no access any more')
  await see('apps-one-ended')
  await press(ending, 'No app has access')
  await see('apps-none')
  await page.goto(`${base}/oauth/authorize?client_id=x`)
  await page.click('summary')
  await see('refusal')
  await page.goto(`${base}/oauth/logout`)
  await see('logout')
  await press(main, 'You are logged out')
  await see('logged-out')
  await context.close()
}

// A page that is faulty on purpose: axe would have said so.
const page = await browser.newPage()
await page.goto(`${base}/oauth/login`)
await page.evaluate(`document.querySelector('label').remove()`)
await page.evaluate(`document.querySelector('.lead').style.color = '#aaa'`)
const planted = (await violations(page)).map(({ id }) => id).sort()
done({ found, looks: looks.count, planted })
