/** What came back of a call, with what its headers say beside the body. */
export class Answer {
    status;
    headers;
    body;
    constructor(status, headers, body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }
    /** The body, read; undefined when there is none. */
    get json() {
        return this.body === '' ? undefined : JSON.parse(this.body);
    }
    /** The record's version, for `ifMatch` and `If-None-Match`. */
    get etag() {
        return this.headers.get('etag') ?? undefined;
    }
    /** The id that the support finds the call by. */
    get traceId() {
        return this.headers.get('x-trace-id') ?? undefined;
    }
    /** Whether this is the answer that an earlier call with the same key got. */
    get replayed() {
        return this.headers.get('idempotent-replayed') === 'true';
    }
    /** In how many seconds to try again, when the server says so. */
    get retryAfter() {
        const told = this.headers.get('retry-after') ?? '';
        return /^\d+$/.test(told) ? Number(told) : undefined;
    }
}
