// The page of a link in a mail, by keyboard alone and without scripts, and under axe.
import { launch } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base, links } = told
const focused = () => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent

/** Goes on by the tabulator until an element has the focus; and presses it. */
async function press(page, name) {
  for (let times = 0; times < 30; times += 1) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(focused)).trim() === name) {
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
      return
    }
  }
  throw new Error(`no key leads to ${name}`)
}

const browser = await launch(told.chromium)
const notices = []
for (const [place, [scheme, width]] of views(0).entries()) {
  const context = await browser.newContext({
    colorScheme: scheme, viewport: { width, height: 844 },
  })
  const page = await context.newPage()
  const see = (name) => look(page, `${name}-${scheme}-${width}`)
  const notice = async () => notices.push((await page.getByRole('status').textContent()).trim())
  await page.goto(`${base}${links[place]}`)
  if (await page.locator('script').count() > 0) found.push('a script')
  await see('mail')
  await press(page, 'Stop mail about Monthly news')
  await notice()
  await see('mail-topic-stopped')
  await press(page, 'Stop all mail to this address')
  await notice()
  await see('mail-all-stopped')
  await page.goto(`${base}${links[place]}`)
  await see('mail-stopped-before')
  await page.goto(`${base}${links[place].slice(0, -5)}`)
  await see('mail-broken-link')
  const cookies = await context.cookies()
  if (cookies.length > 0) found.push('a cookie')
  await context.close()
}
await browser.close()
done({ found, looks: looks.count, notices })
