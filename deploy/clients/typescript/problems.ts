/**
 * Errors: one class for each type of problem. A type that this version does not know is a
 * plain `Problem`: the API may add types.
 */
import type { Answer } from './answers.js'
import type { Fault } from './records.js'

/** The base class of this client's own errors. */
export class ProspectConnectError extends Error {
  override get name(): string {
    return this.constructor.name
  }
}

/** There was no answer. It is unknown whether the call was executed. */
export class Unreachable extends ProspectConnectError {}

/** The error for an attempt without an answer. Its message contains host and reason. */
export function unreachable(host: string, cause: unknown): Unreachable {
  return new Unreachable(`No answer came from ${host}: ${reasonOf(cause)}`, { cause })
}

/** The innermost reason: the error of `fetch` has it as its cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { code, errors } = cause as { code?: string; errors?: unknown[] }
  const inner = cause.cause ?? errors?.[0] // for several addresses, the first error
  if (inner !== undefined) return reasonOf(inner)
  const text = cause.message || cause.name
  return code === undefined || text.includes(code) ? text : `${code}: ${text}`
}

/** An answer that is a problem document (RFC 9457). */
export class Problem extends ProspectConnectError {
  /** The URI of the problem's type; use it or the class for decisions. */
  readonly type: string
  /** The type in words. */
  readonly title: string
  /** The HTTP status. */
  readonly status: number
  /** A description of this problem for people. */
  readonly detail: string
  /** The path of the call. */
  readonly instance: string
  /** The id by which support finds the call. */
  readonly traceId: string | undefined

  constructor(
    readonly answer: Answer,
    protected readonly told: Partial<Told>,
  ) {
    super(`${answer.status} ${messageOf(told)}`.trimEnd())
    this.type = told.type ?? 'about:blank'
    this.title = told.title ?? ''
    this.status = answer.status
    this.detail = told.detail ?? ''
    this.instance = told.instance ?? ''
    this.traceId = answer.traceId
  }
}

/** The message for a problem; of several faults, the first few. */
function messageOf({ errors, detail, title }: Partial<Told>): string {
  if (!Array.isArray(errors)) return detail ?? title ?? ''
  const told = errors.slice(0, 3).map(({ field, message }) => `${field}: ${message}`)
  if (errors.length > told.length) told.push(`and ${errors.length - told.length} more`)
  return told.join('; ') || (detail ?? title ?? '')
}

/** The request cannot be read, or its cursor belongs to another search. */
export class BadRequest extends Problem {}

/** The token is missing, unknown, expired or revoked. */
export class Unauthorized extends Problem {}

/** The token's scopes or the user's role do not grant it. */
export class Forbidden extends Problem {
  /** `scope` or `role`, if one of them does not grant the call. */
  get refusedBy(): string | undefined {
    return this.told.refused_by
  }

  /** The required permission, such as `deal.write`. */
  get required(): string | undefined {
    return this.told.required
  }
}

/** The record does not exist, or the caller may not see it. */
export class NotFound extends Problem {}

/** The contact was erased: its data was destroyed, and will never be there again. */
export class Gone extends NotFound {
  /** The id of the contact that was erased. */
  get erasedId(): string | undefined {
    return this.told.erased_id
  }

  /** When it was erased. */
  get erasedAt(): string | undefined {
    return this.told.erased_at
  }

  /** The id of the user who erased it. */
  get erasedBy(): string | undefined {
    return this.told.erased_by
  }

  /** Why it was erased. */
  get reason(): string | undefined {
    return this.told.reason
  }
}

/** The request did not arrive in time. */
export class RequestTimeout extends Problem {}

/**
 * A request or a job is still running, or something stands in the way. Only what is still
 * running comes to an end: it has `retryAfter`.
 */
export class Conflict extends Problem {
  /** The seconds to wait before trying again, if trying again can help. */
  get retryAfter(): number | undefined {
    return this.answer.retryAfter
  }

  /** What uses or replaced it, up to ten: the id of a survivor, keys of fields. */
  get usedBy(): string[] {
    return this.told.used_by ?? []
  }

  /** How many stand in the way, also those that are not named. */
  get count(): number | undefined {
    return this.told.count
  }

  /** The ids of up to ten records that stand in the way. */
  get sample(): string[] {
    return this.told.sample ?? []
  }
}

/** Something else is at the time that a booking asks for. */
export class SlotTaken extends Problem {
  /** The next slots that are free, up to three. */
  get free(): Slot[] {
    return this.told.next ?? []
  }
}

/** The record does not have the version in `ifMatch`. */
export class PreconditionFailed extends Problem {}

/** The body is larger than the API accepts. */
export class PayloadTooLarge extends Problem {}

/** Fields are missing or wrong. */
export class ValidationFailed extends Problem {
  /** All faults: each `field`, `code` and `message`. */
  get errors(): Fault[] {
    return this.told.errors ?? []
  }
}

/** The key was used before, by another request. */
export class IdempotencyKeyReused extends Problem {}

/** Too many requests. */
export class RateLimited extends Problem {
  /** The seconds to wait before trying again. */
  get retryAfter(): number | undefined {
    return this.answer.retryAfter
  }
}

/** An error of the server: 500, 503 or 504. */
export class ServerError extends Problem {}

interface Told {
  type: string
  title: string
  detail: string
  instance: string
  errors: Fault[]
  refused_by: string
  required: string
  used_by: string[]
  count: number
  sample: string[]
  next: Slot[]
  erased_id: string
  erased_at: string
  erased_by: string
  reason: string
}

/** When a slot begins and ends. */
interface Slot {
  starts_at: string
  ends_at: string
}

const CLASSES = new Map<string, typeof Problem>([
  ['bad-request', BadRequest],
  ['unauthorized', Unauthorized],
  ['forbidden', Forbidden],
  ['not-found', NotFound],
  ['gone', Gone],
  ['request-timeout', RequestTimeout],
  ['conflict', Conflict],
  ['slot-taken', SlotTaken],
  ['precondition-failed', PreconditionFailed],
  ['payload-too-large', PayloadTooLarge],
  ['validation', ValidationFailed],
  ['idempotency-key-reused', IdempotencyKeyReused],
  ['rate-limited', RateLimited],
  ['server-error', ServerError],
])

// By status, for answers of servers between, which do not know our types.
const BY_STATUS = new Map<number, typeof Problem>([
  [400, BadRequest],
  [401, Unauthorized],
  [403, Forbidden],
  [404, NotFound],
  [408, RequestTimeout],
  [413, PayloadTooLarge],
  [429, RateLimited],
])

/** The error for an answer that is not a success. */
export function problemOf(answer: Answer): Problem {
  const told = documentOf(answer)
  const slug = `${told.type}`.split('/').at(-1) ?? ''
  const rest = answer.status >= 500 ? ServerError : Problem
  const kind = CLASSES.get(slug) ?? BY_STATUS.get(answer.status) ?? rest
  return new kind(answer, told)
}

/** The problem document; empty if a server between wrote the answer. */
function documentOf(answer: Answer): Partial<Told> {
  try {
    const told: unknown = answer.json
    return typeof told === 'object' && told !== null ? told : {}
  } catch {
    return {}
  }
}
