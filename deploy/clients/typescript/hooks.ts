/**
 * Hooks are called for each attempt, for logs, metrics and traces. They get no token and
 * no body. An error from a hook ends the call.
 */
import type { Unreachable } from './problems.js'

export interface Attempt {
  method: string
  url: string
  /** 1 for the first attempt of a call, 2 for the next. */
  attempt: number
}

export interface Attempted extends Attempt {
  /** The status of the answer; undefined if there was none. */
  status: number | undefined
  /** Why there was no answer. */
  error: Unreachable | undefined
  /** The duration of the attempt, including the body. */
  milliseconds: number
}

export interface Hooks {
  onRequest?: ((attempt: Attempt) => void) | undefined
  onResponse?: ((attempted: Attempted) => void) | undefined
}
