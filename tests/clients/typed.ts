// A program as integrators write it, and after it, what the compiler is to refuse.
import { ProspectConnect, ValidationFailed, type records } from '@prospectconnect/client'

export async function promising(client: ProspectConnect): Promise<string[]> {
  const names: string[] = []
  const search = client.contacts.search({
    filters: [
      { field: 'lead_score', operator: 'between', values: [50, 100] },
      {
        any: [
          { field: 'email', operator: 'ends_with', value: '.example' },
          { field: 'tags', operator: 'any_of', values: ['VIP'] },
          { field: 'custom_fields.tier', operator: 'eq', value: 'gold' },
        ],
      },
      { not: { field: 'owner_id', operator: 'is_empty' } },
    ],
    order_by: 'lead_score',
  })
  for await (const contact of search) names.push(contact.name)
  return names
}

export async function win(client: ProspectConnect, deal: records.Deal, stage: string) {
  await client.deals.update(deal.id, { value: 1200.5, lost_reason: null })
  const options = { idempotencyKey: 'win-1', ifMatch: '"2"' }
  return (await client.deals.move(deal.id, { stage_id: stage }, options)).status
}

export async function faults(client: ProspectConnect): Promise<string[]> {
  try {
    await client.tasks.create({ name: '', priority: 'high' })
  } catch (problem) {
    if (problem instanceof ValidationFailed) return problem.errors.map(({ code }) => code)
  }
  return []
}

export async function refused(client: ProspectConnect) {
  // @ts-expect-error: there is no such field
  await client.contacts.create({ frist_name: 'Ada' })
  // @ts-expect-error: a deal has a name
  await client.deals.create({ value: 1 })
  // @ts-expect-error: it is no choice
  await client.tasks.create({ name: 'Call', priority: 'urgent' })
  // @ts-expect-error: a search is not waited for, its records are
  for (const contact of client.contacts.search()) return contact
  // @ts-expect-error: contacts have no such order
  client.contacts.search({ order_by: 'age' })
  // @ts-expect-error: a deletion has no key
  await client.contacts.delete('con_1', { idempotencyKey: '1' })
  return undefined
}
