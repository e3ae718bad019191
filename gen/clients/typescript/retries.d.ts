/**
 * Retries: which calls are sent again, and after which pause.
 *
 * A call is sent again only if it may be executed twice: reads, changes and deletions are
 * repeatable by nature, creations and actions by their idempotency key. A call that was
 * refused before it ran may always be sent again. After a 409 that is so only if it has
 * `Retry-After`: any other conflict stays until somebody resolves it. After a 500 only calls
 * with a key are sent again: it is unknown what was done, and the key makes that harmless.
 */
import { Answer } from './answers.js';
import type { Call } from './operations.js';
import type { Unreachable } from './problems.js';
export type Outcome = Answer | Unreachable;
/** The number of attempts and the pauses between them. Times are in seconds. */
export interface Retries {
    /** The most attempts of a call; 1 for no retries. */
    attempts: number;
    /**
     * The longest pause before the second attempt. It doubles with each attempt; the client
     * waits a random part of it.
     */
    firstPause: number;
    /** The maximum of the growing pause. */
    longestPause: number;
    /**
     * The longest wait that the server states. If it states a longer one, the call ends with
     * its problem at once.
     */
    longestWait: number;
}
export declare const USUAL: Retries;
/**
 * The seconds to wait before the next attempt; undefined for no further attempt.
 *
 * @param attempt The number of attempts so far.
 */
export declare function pause(retries: Retries, call: Call, outcome: Outcome, attempt: number): number | undefined;
