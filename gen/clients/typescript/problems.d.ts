/**
 * What goes wrong, as errors: one class for each type of problem. A type that this
 * version does not know is a plain `Problem`: new ones may come.
 */
import type { Answer } from './answers.js';
import type { Fault } from './records.js';
/** Whatever this client throws by itself. */
export declare class ProspectConnectError extends Error {
    get name(): string;
}
/** No answer came. Whether the call was carried out is not known. */
export declare class Unreachable extends ProspectConnectError {
}
/** The error for an attempt without an answer. Its message names host and reason. */
export declare function unreachable(host: string, cause: unknown): Unreachable;
/** An answer that is a problem document (RFC 9457). */
export declare class Problem extends ProspectConnectError {
    readonly answer: Answer;
    protected readonly told: Partial<Told>;
    /** The URI of the kind of problem; decide by it, or by the class. */
    readonly type: string;
    /** The kind in words. */
    readonly title: string;
    /** The HTTP status. */
    readonly status: number;
    /** What is wrong this time, for people. */
    readonly detail: string;
    /** The path that was called. */
    readonly instance: string;
    /** The id that the support finds the call by. */
    readonly traceId: string | undefined;
    constructor(answer: Answer, told: Partial<Told>);
}
/** The request cannot be read, or its cursor belongs to another search. */
export declare class BadRequest extends Problem {
}
/** There is no token, or it is unknown, expired or revoked. */
export declare class Unauthorized extends Problem {
}
/** The token's scopes or the user's role do not grant it. */
export declare class Forbidden extends Problem {
    /** `scope` or `role`, when one of them refused. */
    get refusedBy(): string | undefined;
    /** The permission that it takes, such as `deal.write`. */
    get required(): string | undefined;
}
/** There is no such record, or none that the caller may see. */
export declare class NotFound extends Problem {
}
/** The request did not arrive in time. */
export declare class RequestTimeout extends Problem {
}
/** The first request with the same key is still running. */
export declare class Conflict extends Problem {
}
/** The record is not at the version that `ifMatch` named. */
export declare class PreconditionFailed extends Problem {
}
/** The body is larger than the API takes. */
export declare class PayloadTooLarge extends Problem {
}
/** Fields are missing or wrong. */
export declare class ValidationFailed extends Problem {
    /** All faults: each `field`, `code` and `message`. */
    get errors(): Fault[];
}
/** The key was used before, by another request. */
export declare class IdempotencyKeyReused extends Problem {
}
/** Too many requests. */
export declare class RateLimited extends Problem {
    /** In how many seconds to try again. */
    get retryAfter(): number | undefined;
}
/** The fault is the server's: 500, 503 or 504. */
export declare class ServerError extends Problem {
}
interface Told {
    type: string;
    title: string;
    detail: string;
    instance: string;
    errors: Fault[];
    refused_by: string;
    required: string;
}
/** The error for an answer that does not say that it is done. */
export declare function problemOf(answer: Answer): Problem;
export {};
