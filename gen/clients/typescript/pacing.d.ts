/**
 * Sends requests no faster than the rate limit lets them through, so that none is refused.
 *
 * The server counts requests as a debt that is paid back at a steady rate. The pace keeps
 * the same account, except that it begins to pay back when the answer is here, not when
 * the server counted the request. So its debt is never smaller than the server's, however
 * long requests are on their way.
 */
import type { Answer } from './answers.js';
export declare class Pace {
    #private;
    private readonly longestWait;
    /**
     * @param longestWait Seconds. When the next request had to wait longer, it is sent all
     *   the same, so that its call ends with the server's own refusal.
     */
    constructor(longestWait: number);
    /** Resolves when a request may be sent. What is sent must be `settle`d. */
    enter(signal: AbortSignal | undefined): Promise<void>;
    /** Learns what became of a request that was sent; undefined when no answer came. */
    settle(answer: Answer | undefined): void;
}
