// A person looks at a dashboard: charts that have a text, their figures as tables, and what
// happens where a report cannot be run. Every page is under axe as they go. With `shots`, a
// folder, it leaves pictures.
import { launch } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []
const results = []

const browser = await launch(told.chromium)
for (const [scheme, width] of views(0)) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await page.getByRole('link', { name: 'Dashboards', exact: true }).click()
  await page.waitForURL('**/account/dashboards')
  await see('dashboards')
  await page.getByRole('link', { name: told.dashboard, exact: true }).click()
  await page.waitForURL('**/account/dashboards/dsh_*')
  await see('dashboard')
  const charts = await page.getByRole('img').evaluateAll((all) => all.map((each) => ({
    text: each.querySelector('desc').textContent,
    ground: getComputedStyle(each.querySelector('rect')).fill,
    scripts: each.querySelectorAll('script, a, image, foreignObject').length,
    words: each.querySelectorAll('text').length,
  })))
  const shown = await page.getByRole('img').count()
  const summary = page.locator('details summary').first()
  if (await summary.count()) {
    await summary.click()
    await see('dashboard-figures')
  }
  const rows = await page.locator('tbody tr').count()
  await page.getByRole('link', { name: 'Keep it fresh' }).click()
  await page.getByRole('link', { name: 'stop' }).waitFor()
  results.push({ scheme, charts, shown, rows })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
