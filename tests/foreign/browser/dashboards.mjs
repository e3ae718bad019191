// A person looks at a dashboard: charts that have a text, their figures as tables, and what
// happens where a report cannot be run. Every page is under axe as they go. With `shots`, a
// folder, it leaves pictures.
import { launch, room } from './browser.mjs'
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
  await room(page, 'Dashboards')
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
  const summary = page.locator('main details summary').first()
  if (await summary.count()) {
    await summary.click()
    await see('dashboard-figures')
  }
  const rows = await page.locator('tbody tr').count()
  await page.getByRole('link', { name: 'Keep it fresh' }).click()
  await page.getByRole('link', { name: 'stop' }).waitFor()
  await page.getByRole('link', { name: 'stop' }).click()

  // They look at other days, where there is nothing, and at this year.
  await page.getByText('Other days').click()
  await page.fill('#from', '2001-01-01')
  await page.fill('#to', '2001-12-31')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('1 Jan 2001 to 31 Dec 2001').waitFor()
  await see('dashboard-empty')
  const empty = await page.getByText('There is nothing to count in these days').count()
  await page.getByRole('link', { name: 'This year' }).click()
  await page.getByText('by created at').first().waitFor()
  const inYear = await page.getByRole('img').count()

  // They make a report, and arrange what is there.
  const report = `Value by month ${scheme} ${width}`
  await page.getByRole('link', { name: 'New report' }).click()
  await page.fill('#name', report)
  await page.getByLabel('Pie').check()
  await page.selectOption('#op', 'sum')
  await page.getByRole('button', { name: 'Put it onto' }).click()
  await page.getByText('takes one group_by and one measure').waitFor()
  await see('report-wrong')
  await page.getByLabel('Lines').check()
  await page.selectOption('#group', '@created_at')
  await page.getByRole('button', { name: 'Put it onto' }).click()
  await page.getByRole('heading', { name: report }).waitFor()
  await page.getByRole('link', { name: 'Arrange' }).click()
  await page.getByLabel(`Width of ${report}`).selectOption('12')
  await page.getByRole('button', { name: `Move ${report} forward` }).click()
  await page.getByRole('button', { name: 'Remove Won by month' }).click()
  await page.getByRole('button', { name: 'Add it' }).waitFor()
  await see('dashboard-layout')
  await page.selectOption('#report', { label: 'Won by month' })
  await page.getByRole('button', { name: 'Add it' }).click()
  const order = await page.locator('.placed p').allTextContents()
  await page.getByRole('button', { name: `Remove ${report}` }).click()
  await page.getByRole('button', { name: 'Save and show' }).click()
  await page.getByRole('heading', { name: 'Won by month' }).waitFor()
  results.push({ scheme, charts, shown, rows, empty, inYear, order: order.map((each) => each.replace(report, 'new')) })
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
