/** The answer to a call: the data, and the information in the headers. */
import { read } from './json.js';
/** An answer. `headers` are those of `fetch`; `bytes` are those of the body. */
export class Answer {
    status;
    headers;
    amounts;
    #data;
    bytes;
    constructor(status, headers, body, amounts = []) {
        this.status = status;
        this.headers = headers;
        this.amounts = amounts;
        this.bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    }
    /** The unparsed text of the body. */
    get body() {
        return new TextDecoder().decode(this.bytes);
    }
    /** The parsed body; undefined if there is none. */
    get data() {
        const made = (text) => (text === '' ? undefined : read(text, this.amounts));
        this.#data ??= { read: made(this.body) };
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
    /** The id by which support finds the call. */
    get traceId() {
        return this.headers.get('x-trace-id') ?? undefined;
    }
    /**
     * Whether this is the stored answer of an earlier call with the same key. It shows the
     * record as it was then; the record may have changed, or be deleted.
     */
    get replayed() {
        return this.headers.get('idempotent-replayed') === 'true';
    }
    /** What is left of the rate limit; undefined if the answer does not state it. */
    get rateLimit() {
        const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => whole(this.headers.get(`x-ratelimit-${name}`)));
        if (limit === undefined || remaining === undefined || reset === undefined) {
            return undefined;
        }
        const policy = this.headers.get('ratelimit-policy') ?? '';
        const window = whole(/^"default";q=\d+;w=(\d+)$/.exec(policy)?.[1] ?? null);
        return { limit, remaining, reset, window };
    }
    /** The seconds to wait before trying again, if the server states them. */
    get retryAfter() {
        return whole(this.headers.get('retry-after'));
    }
}
/** The number in a header. */
function whole(text) {
    return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
