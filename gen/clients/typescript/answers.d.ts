/** What is left of a rate limit. */
export interface Limit {
    /** How many requests a window has. */
    limit: number;
    /** How many may be sent at once, right now. */
    remaining: number;
    /** When the whole limit is there again, in Unix seconds. */
    reset: number;
}
/** An answer. `headers` are those of `fetch`; `body` is the text as it came. */
export declare class Answer<Data = unknown> {
    #private;
    readonly status: number;
    readonly headers: Headers;
    readonly body: string;
    private readonly amounts;
    constructor(status: number, headers: Headers, body: string, amounts?: readonly string[]);
    /** The body, read; undefined when there is none. */
    get data(): Data;
    /** The same as `data`. */
    get json(): Data;
    /** The record's version, for `ifMatch` and `If-None-Match`. */
    get etag(): string | undefined;
    /** The id that the support finds the call by. */
    get traceId(): string | undefined;
    /**
     * Whether this is the answer that an earlier call with the same key got. It tells
     * what was true then: a record in it may be changed or gone by now.
     */
    get replayed(): boolean;
    /** What is left of the rate limit; undefined where the answer does not say. */
    get rateLimit(): Limit | undefined;
    /** In how many seconds to try again, when the server says so. */
    get retryAfter(): number | undefined;
}
