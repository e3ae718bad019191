/** What came back of a call: the data, and what the headers say beside it. */
import { read } from './json.js'

/** What is left of a rate limit. */
export interface Limit {
  /** How many requests a window has. */
  limit: number
  /** How many may be sent at once, right now. */
  remaining: number
  /** When the whole limit is there again, in Unix seconds. */
  reset: number
}

/** An answer. `headers` are those of `fetch`; `body` is the text as it came. */
export class Answer<Data = unknown> {
  #data: { read: Data } | undefined

  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly body: string,
    private readonly amounts: readonly string[] = [],
  ) {}

  /** The body, read; undefined when there is none. */
  get data(): Data {
    const made = () => (this.body === '' ? undefined : read(this.body, this.amounts))
    this.#data ??= { read: made() as Data }
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

  /** The id that the support finds the call by. */
  get traceId(): string | undefined {
    return this.headers.get('x-trace-id') ?? undefined
  }

  /**
   * Whether this is the answer that an earlier call with the same key got. It tells
   * what was true then: a record in it may be changed or gone by now.
   */
  get replayed(): boolean {
    return this.headers.get('idempotent-replayed') === 'true'
  }

  /** What is left of the rate limit; undefined where the answer does not say. */
  get rateLimit(): Limit | undefined {
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      whole(this.headers.get(`x-ratelimit-${name}`)),
    )
    if (limit === undefined || remaining === undefined || reset === undefined) {
      return undefined
    }
    return { limit, remaining, reset }
  }

  /** In how many seconds to try again, when the server says so. */
  get retryAfter(): number | undefined {
    return whole(this.headers.get('retry-after'))
  }
}

/** The number that a header holds. */
function whole(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
