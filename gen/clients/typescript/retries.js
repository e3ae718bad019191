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
export const USUAL = {
    attempts: 5,
    firstPause: 0.25,
    longestPause: 8,
    longestWait: 60,
};
const REFUSED_BEFORE_IT_RAN = [408, 429];
const CONFLICT = 409;
const FAULT = 500;
const MAY_HAVE_RUN = [502, 503, 504];
/**
 * The seconds to wait before the next attempt; undefined for no further attempt.
 *
 * @param attempt The number of attempts so far.
 */
export function pause(retries, call, outcome, attempt) {
    if (attempt >= retries.attempts || !mayPass(call, outcome))
        return undefined;
    const asked = outcome instanceof Answer ? (outcome.retryAfter ?? 0) : 0;
    if (asked > retries.longestWait)
        return undefined;
    const growing = retries.firstPause * 2 ** (attempt - 1);
    return asked + Math.random() * Math.min(growing, retries.longestPause);
}
/** Whether another attempt may succeed, and does no harm. */
function mayPass(call, outcome) {
    if (!(outcome instanceof Answer))
        return call.repeatable;
    if (REFUSED_BEFORE_IT_RAN.includes(outcome.status))
        return true;
    if (outcome.status === CONFLICT)
        return outcome.retryAfter !== undefined;
    if (outcome.status === FAULT)
        return call.keyed && call.repeatable;
    return MAY_HAVE_RUN.includes(outcome.status) && call.repeatable;
}
