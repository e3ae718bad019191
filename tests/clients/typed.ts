// A program as integrators write it, and after it, what the compiler is to refuse.
import { Amount, inBatches, ProspectConnect, ValidationFailed, type records } from '@prospectconnect/client'

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
      { field: 'custom_fields.tier', operator: 'is_not_empty' },
      { field: 'created_at', operator: 'gte', value: new Date() },
      { field: 'lifecycle_stage', operator: 'in', values: ['lead', 'qualified'] },
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

export async function worth(client: ProspectConnect, deal: records.Deal) {
  await client.deals.update(deal.id, { value: deal.value })
  await client.deals.update(deal.id, { value: new Amount('1200.50') })
  const dear: records.DealFilter = { field: 'value', operator: 'gte', value: deal.value ?? 5 }
  let cents = 0n
  for await (const { value } of client.deals.search({ filters: [dear] })) {
    cents += value?.toMinor() ?? 0n
  }
  return `${Amount.ofMinor(cents)}`
}

export async function many(client: ProspectConnect, names: string[]): Promise<number> {
  const operations = names.map((name) => ({ method: 'create' as const, body: { name } }))
  let made = 0
  for await (const { status } of inBatches(client.companies.batch, operations)) {
    if (status === 201) made += 1
  }
  return made
}

export async function facts(client: ProspectConnect) {
  const { contacts } = client.withResponse
  const { data, etag, replayed, rateLimit } = await contacts.create({ phone: '555 1815' })
  const name: string = data.name
  for await (const page of contacts.search().pages()) {
    if (page.data.meta.cursor.has_more) return page.traceId
  }
  const gone: undefined | void = (await contacts.delete(data.id)).data
  return [name, etag, replayed, rateLimit?.remaining, gone]
}

export async function faults(client: ProspectConnect): Promise<string[]> {
  try {
    await client.tasks.create({ name: '', priority: 'high' })
  } catch (problem) {
    if (problem instanceof ValidationFailed) return problem.errors.map(({ code }) => code)
  }
  return []
}

export async function refused(client: ProspectConnect, deal: records.Deal) {
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
  // @ts-expect-error: an amount is no number to add to
  deal.value! + 1
  // @ts-expect-error: what is answered is exact, and no number
  const value: number | null = deal.value
  // @ts-expect-error: a day is no time
  await client.tasks.create({ name: 'Call', due_date: new Date() })
  // @ts-expect-error: contacts have no such field
  client.contacts.search({ filters: [{ field: 'emial', operator: 'eq', value: 'a' }] })
  // @ts-expect-error: texts are not compared so
  client.contacts.search({ filters: [{ field: 'email', operator: 'gt', value: 'a' }] })
  // @ts-expect-error: the score is a number
  client.contacts.search({ filters: [{ field: 'lead_score', operator: 'eq', value: '5' }] })
  // @ts-expect-error: it takes several
  client.contacts.search({ filters: [{ field: 'email', operator: 'in', value: 'a' }] })
  // @ts-expect-error: it takes two
  client.deals.search({ filters: [{ field: 'value', operator: 'between', values: [1] }] })
  // @ts-expect-error: it takes none
  client.tasks.search({ filters: [{ field: 'name', operator: 'is_empty', value: 'a' }] })
  // @ts-expect-error: it is no choice
  client.deals.search({ filters: [{ field: 'status', operator: 'eq', value: 'opened' }] })
  // @ts-expect-error: nor is it inside of a group
  client.tasks.search({ filters: [{ any: [{ field: 'nmae', operator: 'is_empty' }] }] })
  return value
}
