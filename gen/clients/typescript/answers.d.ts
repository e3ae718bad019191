/** What came back of a call, with what its headers say beside the body. */
export declare class Answer {
    readonly status: number;
    readonly headers: Headers;
    readonly body: string;
    constructor(status: number, headers: Headers, body: string);
    /** The body, read; undefined when there is none. */
    get json(): unknown;
    /** The record's version, for `ifMatch` and `If-None-Match`. */
    get etag(): string | undefined;
    /** The id that the support finds the call by. */
    get traceId(): string | undefined;
    /** Whether this is the answer that an earlier call with the same key got. */
    get replayed(): boolean;
    /** In how many seconds to try again, when the server says so. */
    get retryAfter(): number | undefined;
}
