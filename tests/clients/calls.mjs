// Makes the calls that it is told with the client for Node, and tells what came of them.
import { Problem, ProspectConnect, ProspectConnectError } from '../../gen/clients/typescript/index.js'
import { done, told } from '../foreign/conversation.mjs'

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
const camelKeys = (given) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]))

const client = new ProspectConnect({
  token: told.token,
  address: told.address,
  retries: camelKeys(told.retries),
})

async function run({ name, path, body, options }) {
  const [resource, method] = name.split('.')
  const given = Object.keys(body).length > 0 ? [body] : []
  const seen = []
  const { tells, ...others } = options
  const further = { ...camelKeys(others), ...(tells && { onProgress: (each) => seen.push(each) }) }
  const answer = client[camel(resource)][camel(method)](...path, ...given, further)
  if (tells) return { ...(await answer), told: seen }
  const pages = ['.search', '.search_deliveries', '.search_rows', '.aggregate', '.read_history',
    '.list_duplicates', 'changes.read']
  if (!pages.some((page) => name.endsWith(page))) return (await answer) ?? null
  const records = []
  for await (const record of answer) records.push(record)
  return records
}

function tell(error) {
  if (!(error instanceof ProspectConnectError)) throw error
  const found = { class: error.name, text: error.message }
  if (!(error instanceof Problem)) return found
  for (const name of ['type', 'title', 'status', 'detail', 'instance', 'trace_id',
    'refused_by', 'required', 'retry_after', 'used_by', 'count', 'sample', 'errors']) {
    if (error[camel(name)] !== undefined) found[name] = error[camel(name)]
  }
  return found
}

const found = []
for (const step of told.steps) {
  found.push(await run(step).catch((error) => ({ error: tell(error) })))
}
done(found)
