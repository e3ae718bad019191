// A person looks at what happened to records: a history, a deleted record that comes back,
// an erased one, merges, one that is undone, and duplicates that are merged. Every page is
// under axe as they go, light and dark, wide and at 360 pixels. With `shots`, a folder, it leaves pictures.
import { launch, room } from './browser.mjs'
import { found, look, looks, views } from './looks.mjs'
import { done, told } from '../conversation.mjs'

const { base } = told
const complaints = []
const results = []

const browser = await launch(told.chromium)
for (const [index, [scheme, wide]] of views(1).entries()) {
  const width = wide < 500 ? 360 : wide
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const see = (name) => look(page, `${name}-${scheme}-${width}`)
  const { changed, deleted, erased, merge, later } = told.seen[index]

  await page.goto(`${base}/oauth/login`)
  await page.fill('#email', told.email)
  await page.fill('#password', told.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/account')
  await room(page, 'History')
  await page.waitForURL('**/account/history')
  await see('history-none')
  const find = async (id) => {
    await page.fill('#id', id)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.waitForURL(`**id=${id}**`)
    await page.waitForLoadState()
  }
  await find(changed)
  await page.locator('main details').last().locator('summary').click()
  await see('history')
  await page.getByText('Only some changes').click()
  await page.fill('#fields', 'planet')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await see('history-wrong')
  await page.goto(`${base}/account/history`)
  await find(erased)
  await page.getByText('This contact was erased').waitFor()
  await see('history-erased')
  await find(deleted)
  await see('history-deleted')
  await page.getByRole('button', { name: 'Restore' }).click()
  await page.getByText('The record is restored').waitFor()
  await see('history-restored')

  await page.getByRole('link', { name: 'Merges', exact: true }).click()
  await page.waitForURL('**/account/merges')
  await see('merges')
  await page.goto(`${base}/account/merges/${merge}/undo`)
  await page.getByRole('alert').waitFor()
  await see('merge-refused')
  await page.getByRole('link', { name: 'See that merge' }).click()
  await page.waitForURL(`**/${later}/undo`)
  await see('merge-undo')
  await page.getByRole('button', { name: 'Undo the merge' }).click()
  await page.getByText('The merge is undone').waitFor()
  await see('merges-undone')
  results.push({ left: await page.locator(`a[href$="${merge}/undo"]`).count() })
  await page.getByRole('link', { name: 'Deleted', exact: true }).click()
  await page.waitForURL('**/account/deleted')
  await see('deleted')
  await page.getByRole('link', { name: 'Duplicates', exact: true }).click()
  await page.waitForURL('**/account/duplicates')
  await see('duplicates')
  await page.getByRole('button', { name: 'See the merge' }).first().click()
  await page.getByText('Nothing is done yet').waitFor()
  await see('merge-ask')
  await page.getByRole('button', { name: 'Merge', exact: true }).click()
  await page.getByText('The records are merged').waitFor()
  await see('merges-merged')
  await room(page, 'Audit')
  await page.waitForURL('**/account/audit')
  await see('audit')
  await page.fill('#event', 'nothing')
  await page.keyboard.press('Enter')
  await page.getByText('There is no such entry').waitFor()
  await see('audit-none')
  await context.close()
}
done({ found, looks: looks.count, results, complaints })
