/**
 * When a call is made again, and after how long.
 *
 * Only what may be done twice is: reads, changes and deletions by nature, creations and
 * actions by their idempotency key. A call that was refused before it ran always may be.
 */
import { Answer } from './answers.js';
import type { Call } from './operations.js';
import type { Unreachable } from './problems.js';
export type Outcome = Answer | Unreachable;
/** How patient a client is. Times are in seconds. */
export interface Retries {
    /** How often a call is made at most; 1 for no retries. */
    attempts: number;
    /**
     * The longest pause before the second attempt. It doubles from attempt to attempt; a
     * random part of it is waited.
     */
    firstPause: number;
    /** What it grows to. */
    longestPause: number;
    /**
     * What is waited at most when the server says how long. When it asks for more, the
     * call ends with its problem at once.
     */
    longestWait: number;
}
export declare const USUAL: Retries;
/**
 * How many seconds to wait before the next attempt; undefined to leave it.
 *
 * @param attempt How often the call has been made.
 */
export declare function pause(retries: Retries, call: Call, outcome: Outcome, attempt: number): number | undefined;
