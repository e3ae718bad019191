// Pages of the portal under axe, light and dark, wide and at 390 pixels; none scrolls
// sideways. With `shots`, a folder, it also leaves a picture of each.
import axe from 'axe-core'
import { launch } from './browser.mjs'
import { done, told } from './conversation.mjs'

const VIEWS = [['light', 1280], ['dark', 390], ['light', 390], ['dark', 1280]]
const found = []
let looks = 0

async function look(page, name) {
  const { violations } = await page.evaluate(`${axe.source}; axe.run()`)
  const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
  found.push(...violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0].html}`))
  if (wide) found.push(`${name}: scrolls sideways`)
  looks += 1
}

const browser = await launch(told.chromium)
for (const [scheme, width] of VIEWS.slice(0, told.views)) {
  const context = await browser.newContext({
    colorScheme: scheme, viewport: { width, height: 900 }, reducedMotion: 'reduce',
    extraHTTPHeaders: { accept: 'text/html' },
  })
  const page = await context.newPage()
  for (const [name, path] of Object.entries(told.pages)) {
    await page.goto(told.base + path)
    await look(page, `${name}-${scheme}-${width}`)
    if (told.shots) {
      const picture = `${told.shots}/${name}-${scheme}-${width}.png`
      await page.screenshot({ path: picture, fullPage: true })
    }
  }
  await page.goto(`${told.base}/docs`)
  await page.fill('#q', 'limit')
  await page.locator('.offers .hits a').first().waitFor()
  await look(page, `offers-${scheme}-${width}`)
  await context.close()
}

// A page that is faulty on purpose: axe would have said so.
const page = await browser.newPage()
await page.goto(`${told.base}/docs`)
await page.evaluate(`document.querySelector('.find label').remove(); document.querySelector('#q').placeholder = ''`)
await page.evaluate(`document.querySelector('.lead').style.color = '#bbb'`)
const { violations } = await page.evaluate(`${axe.source}; axe.run()`)
done({ found, looks, planted: violations.map(({ id }) => id).sort() })
