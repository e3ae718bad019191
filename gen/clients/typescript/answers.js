/** What came back of a call: the data, and what the headers say beside it. */
import { read } from './json.js';
/** An answer. `headers` are those of `fetch`; `body` is the text as it came. */
export class Answer {
    status;
    headers;
    body;
    amounts;
    #data;
    constructor(status, headers, body, amounts = []) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.amounts = amounts;
    }
    /** The body, read; undefined when there is none. */
    get data() {
        const made = () => (this.body === '' ? undefined : read(this.body, this.amounts));
        this.#data ??= { read: made() };
        return this.#data.read;
    }
    /** The same as `data`. */
    get json() {
        return this.data;
    }
    /** The record's version, for `ifMatch` and `If-None-Match`. */
    get etag() {
        return this.headers.get('etag') ?? undefined;
    }
    /** The id that the support finds the call by. */
    get traceId() {
        return this.headers.get('x-trace-id') ?? undefined;
    }
    /**
     * Whether this is the answer that an earlier call with the same key got. It tells
     * what was true then: a record in it may be changed or gone by now.
     */
    get replayed() {
        return this.headers.get('idempotent-replayed') === 'true';
    }
    /** What is left of the rate limit; undefined where the answer does not say. */
    get rateLimit() {
        const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => whole(this.headers.get(`x-ratelimit-${name}`)));
        if (limit === undefined || remaining === undefined || reset === undefined) {
            return undefined;
        }
        return { limit, remaining, reset };
    }
    /** In how many seconds to try again, when the server says so. */
    get retryAfter() {
        return whole(this.headers.get('retry-after'));
    }
}
/** The number that a header holds. */
function whole(text) {
    return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
