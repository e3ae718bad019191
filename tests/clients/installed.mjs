// Uses an installed client: `program.mjs TOKEN ADDRESS`, in Node or Deno.
import process from 'node:process'
import { ProspectConnect, verifyWebhook } from '@prospectconnect/client'

const [token, address] = process.argv.slice(2)
const client = new ProspectConnect({ token, address })
const changes = client.changes.follow('changes.cursor', {}, { once: true })
for await (const change of changes) console.log(change)
const secret = `whsec_${btoa('k'.repeat(32))}`
const refused = await verifyWebhook('{}', {}, secret).catch((error) => error.name)
if (refused !== 'WebhookInvalid') throw new Error(refused)
console.log((await client.me.get()).role)
