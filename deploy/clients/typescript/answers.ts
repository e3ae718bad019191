/** The answer to a call: the data, and the information in the headers. */
import { read } from './json.js'

/** What is left of a rate limit. */
export interface Limit {
  /** The number of requests in a window. */
  limit: number
  /** The number of requests that may be sent at once now. */
  remaining: number
  /** When the whole limit is available again, in Unix seconds. */
  reset: number
  /** The seconds of a window; undefined if the answer does not state them. */
  window: number | undefined
}

/** An answer. `headers` are those of `fetch`; `bytes` are those of the body. */
export class Answer<Data = unknown> {
  #data: { read: Data } | undefined

  readonly bytes: Uint8Array<ArrayBuffer>

  constructor(
    readonly status: number,
    readonly headers: Headers,
    body: string | Uint8Array<ArrayBuffer>,
    private readonly amounts: readonly string[] = [],
  ) {
    this.bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  }

  /** The unparsed text of the body. */
  get body(): string {
    return new TextDecoder().decode(this.bytes)
  }

  /** The parsed body; undefined if there is none. */
  get data(): Data {
    const made = (text: string) => (text === '' ? undefined : read(text, this.amounts))
    this.#data ??= { read: made(this.body) as Data }
    return this.#data.read
  }

  /** The same as `data`. */
  get json(): Data {
    return this.data
  }

  /** The record's version, for `ifMatch` and `If-None-Match`. */
  get etag(): string | undefined {
    return this.headers.get('etag') ?? undefined
  }

  /** The id by which support finds the call. */
  get traceId(): string | undefined {
    return this.headers.get('x-trace-id') ?? undefined
  }

  /**
   * Whether this is the stored answer of an earlier call with the same key. It shows the
   * record as it was then; the record may have changed, or be deleted.
   */
  get replayed(): boolean {
    return this.headers.get('idempotent-replayed') === 'true'
  }

  /** What is left of the rate limit; undefined if the answer does not state it. */
  get rateLimit(): Limit | undefined {
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      whole(this.headers.get(`x-ratelimit-${name}`)),
    )
    if (limit === undefined || remaining === undefined || reset === undefined) {
      return undefined
    }
    const policy = this.headers.get('ratelimit-policy') ?? ''
    const window = whole(/^"default";q=\d+;w=(\d+)$/.exec(policy)?.[1] ?? null)
    return { limit, remaining, reset, window }
  }

  /** The seconds to wait before trying again, if the server states them. */
  get retryAfter(): number | undefined {
    return whole(this.headers.get('retry-after'))
  }
}

/** The number in a header. */
function whole(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
