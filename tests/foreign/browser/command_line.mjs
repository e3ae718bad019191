// A person whose command line has opened a page: they log in and allow access.
import { launch } from './browser.mjs'
import { done, told } from '../conversation.mjs'

const browser = await launch(told.chromium)
const page = await (await browser.newContext()).newPage()
await page.goto(told.url)
await page.locator('#email:focus').waitFor()
await page.keyboard.type(told.email)
await page.keyboard.press('Tab')
await page.keyboard.type(told.password)
await page.keyboard.press('Enter')
await page.getByRole('heading', { name: 'Give pcrm access' }).waitFor()
await page.locator(`button[value=${told.answer}]`).click()
await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback/)
const heading = await page.getByRole('heading').textContent()
await browser.close()
done({ heading })
