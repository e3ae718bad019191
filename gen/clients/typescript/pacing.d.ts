/**
 * Sends requests no faster than the rate limit allows, so that none is refused.
 *
 * The server counts each request as a debt, which decreases at a constant rate. This class
 * keeps the same account, but decreases the debt from the time of the answer, not from the
 * time when the server counted the request. So its debt is never smaller than the server's,
 * for any duration of requests.
 */
import type { Answer } from './answers.js';
export declare class Pace {
    #private;
    private readonly longestWait;
    /**
     * @param longestWait Seconds. If the next request would wait longer, it is sent at once,
     *   so that its call ends with the server's own refusal.
     */
    constructor(longestWait: number);
    /** Resolves when a request may be sent. Call `settle` after every request. */
    enter(signal: AbortSignal | undefined): Promise<void>;
    /** Records the answer to a request; undefined if there was none. */
    settle(answer: Answer | undefined): void;
}
