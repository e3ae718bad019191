/**
 * When a call is made again, and after how long.
 *
 * Only what may be done twice is: reads, changes and deletions by nature, creations and
 * actions by their idempotency key. A call that was refused before it ran always may be.
 */
import { Answer } from './answers.js'
import type { Call } from './operations.js'
import type { Unreachable } from './problems.js'

export type Outcome = Answer | Unreachable

/** How patient a client is. Times are in seconds. */
export interface Retries {
  /** How often a call is made at most; 1 for no retries. */
  attempts: number
  /**
   * The longest pause before the second attempt. It doubles from attempt to attempt; a
   * random part of it is waited.
   */
  firstPause: number
  /** What it grows to. */
  longestPause: number
  /**
   * What is waited at most when the server says how long. When it asks for more, the
   * call ends with its problem at once.
   */
  longestWait: number
}

export const USUAL: Retries = {
  attempts: 5,
  firstPause: 0.25,
  longestPause: 8,
  longestWait: 60,
}

const REFUSED_BEFORE_IT_RAN = [408, 429]
const STILL_RUNS = 409 // the first call with the same key
const MAY_HAVE_RUN = [502, 503, 504]

/**
 * How many seconds to wait before the next attempt; undefined to leave it.
 *
 * @param attempt How often the call has been made.
 */
export function pause(
  retries: Retries,
  call: Call,
  outcome: Outcome,
  attempt: number,
): number | undefined {
  if (attempt >= retries.attempts || !mayPass(call, outcome)) return undefined
  const asked = outcome instanceof Answer ? (outcome.retryAfter ?? 0) : 0
  if (asked > retries.longestWait) return undefined
  const growing = retries.firstPause * 2 ** (attempt - 1)
  return asked + Math.random() * Math.min(growing, retries.longestPause)
}

/** Whether another attempt may end better, and does no harm. */
function mayPass(call: Call, outcome: Outcome): boolean {
  if (!(outcome instanceof Answer)) return call.repeatable
  if (REFUSED_BEFORE_IT_RAN.includes(outcome.status)) return true
  if (outcome.status === STILL_RUNS) return call.keyed
  return MAY_HAVE_RUN.includes(outcome.status) && call.repeatable
}
