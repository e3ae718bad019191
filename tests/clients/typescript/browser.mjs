// Has a page of another site use the client, as its modules are, without a build.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { launch } from '../../foreign/browser/browser.mjs'
import { done, told } from '../../foreign/conversation.mjs'

const server = createServer(async (request, response) => {
  const isModule = /^\/client\/(\w+\.js)$/.exec(request.url)
  const type = isModule ? 'text/javascript' : 'text/html'
  const content = isModule ? await readFile(`${told.client}/${isModule[1]}`) : '<!doctype html>'
  response.writeHead(200, { 'content-type': type }).end(content)
})
await new Promise((ready) => server.listen(0, '127.0.0.1', ready))

async function use({ token, address }) {
  const { Amount, NotFound, ProspectConnect, verifyWebhook } = await import('/client/index.js')
  const client = new ProspectConnect({ token, address })
  const store = {
    load: () => localStorage.getItem('cursor'),
    save: (cursor) => localStorage.setItem('cursor', cursor),
  }
  const seen = async () => {
    const found = []
    const changes = client.changes.follow(store, { start: 'earliest' }, { once: true })
    for await (const change of changes) found.push(change.type)
    return found
  }
  const value = new Amount('9999999999999.99')
  const { data: deal, etag, traceId, rateLimit } = await client.withResponse.deals.create({ name: 'Engine', value })
  const missing = await client.deals.get('deal_000000000000000000000000').catch((error) => error)
  const secret = `whsec_${btoa('k'.repeat(32))}`
  return {
    value: deal.value.text,
    told: [etag, traceId?.length, rateLimit.remaining > 0, rateLimit.window > 0],
    missing: missing instanceof NotFound,
    seen: [await seen(), await seen()],
    refused: await verifyWebhook('{}', {}, secret).catch((error) => error.name),
  }
}

const browser = await launch(told.chromium)
try {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  done(await page.evaluate(use, told))
} finally {
  await browser.close()
  server.close()
}
