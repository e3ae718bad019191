// How pages are looked at: in which views, and with axe.
import axe from 'axe-core'
import { told } from '../conversation.mjs'

const VIEWS = [['light', 390], ['dark', 1280], ['light', 1280], ['dark', 390]]

export const found = []
export const looks = { count: 0 }

/** Schemes and widths, as many as this run has. Each script begins with another one. */
export function views(first) {
  return [...VIEWS.slice(first), ...VIEWS.slice(0, first)].slice(0, told.views)
}

/** What axe has against a page. What it has nothing against would take as long to tell. */
export async function violations(page) {
  const run = "axe.run({ resultTypes: ['violations'] })"
  return (await page.evaluate(`${axe.source}; ${run}`)).violations
}

/** Keeps what axe finds, and that a page scrolls sideways; with `shots` a picture too. */
export async function look(page, name) {
  if (told.shots) {
    await page.screenshot({ path: `${told.shots}/${name}.png`, fullPage: true })
  }
  found.push(...(await violations(page)).map(({ id, nodes }) => `${name}: ${id} ${nodes[0].html}`))
  if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) {
    found.push(`${name}: scrolls sideways`)
  }
  looks.count += 1
}
