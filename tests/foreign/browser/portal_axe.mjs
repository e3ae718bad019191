// Pages of the portal under axe, light and dark, wide and at 390 pixels; none scrolls
// sideways. With `shots`, a folder, it also leaves a picture of each.
import { launch } from './browser.mjs'
import { found, look, looks, views, violations } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const browser = await launch(told.chromium)
for (const [scheme, width] of views(2)) {
  const context = await browser.newContext({
    colorScheme: scheme, viewport: { width, height: 900 }, reducedMotion: 'reduce',
    extraHTTPHeaders: { accept: 'text/html' },
  })
  const page = await context.newPage()
  for (const [name, path] of Object.entries(told.pages)) {
    await page.goto(told.base + path)
    await look(page, `${name}-${scheme}-${width}`)
  }
  await page.goto(`${told.base}/docs`)
  await page.keyboard.press('/')
  await page.keyboard.type('limit')
  await page.locator('.offers .hits a').first().waitFor()
  await look(page, `offers-${scheme}-${width}`)
  await context.close()
}

// A page that is faulty on purpose: axe would have said so.
const page = await browser.newPage()
await page.goto(`${told.base}/docs`)
await page.evaluate(`document.querySelector('#seek').replaceChildren()`)
await page.evaluate(`document.querySelector('.lead').style.color = '#bbb'`)
const planted = (await violations(page)).map(({ id }) => id).sort()
done({ found, looks: looks.count, planted })
