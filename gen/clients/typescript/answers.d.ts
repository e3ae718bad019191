/** What is left of a rate limit. */
export interface Limit {
    /** The number of requests in a window. */
    limit: number;
    /** The number of requests that may be sent at once now. */
    remaining: number;
    /** When the whole limit is available again, in Unix seconds. */
    reset: number;
    /** The seconds of a window; undefined if the answer does not state them. */
    window: number | undefined;
}
/** An answer. `headers` are those of `fetch`; `bytes` are those of the body. */
export declare class Answer<Data = unknown> {
    #private;
    readonly status: number;
    readonly headers: Headers;
    private readonly amounts;
    readonly bytes: Uint8Array<ArrayBuffer>;
    constructor(status: number, headers: Headers, body: string | Uint8Array<ArrayBuffer>, amounts?: readonly string[]);
    /** The unparsed text of the body. */
    get body(): string;
    /** The parsed body; undefined if there is none. */
    get data(): Data;
    /** The same as `data`. */
    get json(): Data;
    /** The record's version, for `ifMatch` and `If-None-Match`. */
    get etag(): string | undefined;
    /** The id by which support finds the call. */
    get traceId(): string | undefined;
    /**
     * Whether this is the stored answer of an earlier call with the same key. It shows the
     * record as it was then; the record may have changed, or be deleted.
     */
    get replayed(): boolean;
    /** What is left of the rate limit; undefined if the answer does not state it. */
    get rateLimit(): Limit | undefined;
    /** The seconds to wait before trying again, if the server states them. */
    get retryAfter(): number | undefined;
}
