// Calls the services with stubs that were generated from the protos just now, by Connect.
import { pathToFileURL } from 'node:url'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { done, told } from '../conversation.mjs'

const stub = (file) => import(pathToFileURL(`${told.stubs}/${file}_pb.js`))
const { AccessService } = await stub('prospectconnect/iam/v1/access')
const { ContactService } = await stub('prospectconnect/crm/v1/contacts')
const { Operator } = await stub('prospectconnect/type/v1/search')
const { BadRequestSchema, ErrorInfoSchema } = await stub('google/rpc/error_details')

const transport = createGrpcTransport({ baseUrl: `http://${told.address}` })
const access = createClient(AccessService, transport)
const contacts = createClient(ContactService, transport)
const headers = { authorization: `Bearer ${told.token}` }

/** What became of a creation under a key: the contact's id, and whether it is a replay. */
async function create(key) {
  let replayed
  const { id } = await contacts.createContact(
    { contact: { firstName: 'Ada', email: 'ada@engine.example' } },
    {
      headers: { ...headers, 'idempotency-key': key },
      onTrailer: (trailer) => { replayed = trailer.get('idempotent-replayed') },
    },
  )
  return { id, replayed }
}

/** How a call is refused: code, reason and the code of each field's fault. */
async function refusal(call) {
  const error = ConnectError.from(await call.then(() => undefined, (thrown) => thrown))
  const [info] = error.findDetails(ErrorInfoSchema)
  const [faults] = error.findDetails(BadRequestSchema)
  return {
    code: Code[error.code],
    reason: info?.reason,
    domain: info?.domain,
    faults: faults?.fieldViolations.map(({ field, reason }) => [field, reason]),
  }
}

const me = await access.getMe({}, { headers })
const made = [await create('order-1815'), await create('order-1815')]
const found = await contacts.searchContacts(
  {
    filters: [
      {
        field: 'email',
        operator: Operator.ENDS_WITH,
        value: { kind: { case: 'stringValue', value: '@engine.example' } },
      },
    ],
  },
  { headers },
)
const refused = {
  invalid: await refusal(
    contacts.createContact({ contact: { email: 'x', leadScore: 300 } }, { headers }),
  ),
  unknown: await refusal(contacts.getContact({ id: `con_${'0'.repeat(24)}` }, { headers })),
  nobody: await refusal(access.getMe({}, {})),
}
done({ role: me.role, made, found: found.data.map(({ id }) => id), refused })
