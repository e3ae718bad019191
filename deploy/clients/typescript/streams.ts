/** The stream of changes: its request, and its events from the bytes that arrive. */
import { Answer } from './answers.js'
import { read, write } from './json.js'
import type { Call } from './operations.js'
import { problemOf, Unreachable } from './problems.js'
import type * as records from './records.js'

const LARGEST = 64 * 1024 * 1024 // characters of an event; the API's are far smaller

/** What `watch` takes, as `read` does. */
export type Watched = Pick<
  records.ReadChangesBody,
  'start' | 'resources' | 'types' | 'filters' | 'include'
>

/** What a stream tells: where it stands now, and what has happened, if anything. */
export interface Event {
  cursor: string | undefined
  change: records.Change | undefined
}

/**
 * The events of a stream. One that is cut off at the end is none.
 *
 * @throws {Problem} The API ends the stream.
 * @throws {Unreachable} An event is no change.
 */
export async function* eventsOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Event, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let told: Record<string, string> = {}
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LARGEST) {
      throw new Unreachable('The stream has an event without an end.')
    }
    for (const line of lines.map((each) => each.replace(/\r$/, ''))) {
      const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line) as string[]
      if (name) told[name] = text ?? ''
      else if (line === '' && Object.keys(told).length > 0) {
        yield eventOf(told)
        told = {}
      }
    }
  }
}

function eventOf({ id, event, data }: Record<string, string>): Event {
  if (data === undefined) return { cursor: id, change: undefined }
  let change: unknown
  try {
    change = read(data)
  } catch (cause) {
    throw new Unreachable('The stream has an event that is no change.', { cause })
  }
  if (event !== 'problem') return { cursor: id, change: change as records.Change }
  const { status } = change as { status: number }
  throw problemOf(new Answer(status, new Headers(), data))
}

/** The call that begins a stream, after a cursor if there is one. */
export function streamCall(
  { start, resources, types, filters, include }: Watched,
  cursor: string | null | undefined,
  signal: AbortSignal | undefined,
): Call {
  const lists = { resources, types, include }
  const given = Object.entries(lists).map(([name, texts]) => {
    if (texts && !Array.isArray(texts)) throw new TypeError(`The ${name} are no list.`)
    return [name, texts?.map(encodeURIComponent).join(',')]
  })
  if (start) given.push(['start', encodeURIComponent(start)])
  if (filters) given.push(['filters', encodeURIComponent(write(filters))])
  const query = given.filter(([, text]) => text).map((each) => each.join('='))
  return {
    method: 'GET',
    path: `/v1/changes/stream${query.length ? `?${query.join('&')}` : ''}`,
    headers: {
      Accept: 'text/event-stream',
      ...(cursor && { 'Last-Event-ID': cursor }),
    },
    keyed: false,
    repeatable: true,
    signal,
  }
}
