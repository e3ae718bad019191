/**
 * Errors: one class for each type of problem. A type that this version does not know is a
 * plain `Problem`: the API may add types.
 */
import type { Answer } from './answers.js';
import type { Fault } from './records.js';
/** The base class of this client's own errors. */
export declare class ProspectConnectError extends Error {
    get name(): string;
}
/** There was no answer. It is unknown whether the call was executed. */
export declare class Unreachable extends ProspectConnectError {
}
/** The error for an attempt without an answer. Its message contains host and reason. */
export declare function unreachable(host: string, cause: unknown): Unreachable;
/** An answer that is a problem document (RFC 9457). */
export declare class Problem extends ProspectConnectError {
    readonly answer: Answer;
    protected readonly told: Partial<Told>;
    /** The URI of the problem's type; use it or the class for decisions. */
    readonly type: string;
    /** The type in words. */
    readonly title: string;
    /** The HTTP status. */
    readonly status: number;
    /** A description of this problem for people. */
    readonly detail: string;
    /** The path of the call. */
    readonly instance: string;
    /** The id by which support finds the call. */
    readonly traceId: string | undefined;
    constructor(answer: Answer, told: Partial<Told>);
}
/** The request cannot be read, or its cursor belongs to another search. */
export declare class BadRequest extends Problem {
}
/** The token is missing, unknown, expired or revoked. */
export declare class Unauthorized extends Problem {
}
/** The token's scopes or the user's role do not grant it. */
export declare class Forbidden extends Problem {
    /** `scope` or `role`, if one of them does not grant the call. */
    get refusedBy(): string | undefined;
    /** The required permission, such as `deal.write`. */
    get required(): string | undefined;
}
/** The record does not exist, or the caller may not see it. */
export declare class NotFound extends Problem {
}
/** The contact was erased: its data was destroyed, and will never be there again. */
export declare class Gone extends NotFound {
    /** The id of the contact that was erased. */
    get erasedId(): string | undefined;
    /** When it was erased. */
    get erasedAt(): string | undefined;
    /** The id of the user who erased it. */
    get erasedBy(): string | undefined;
    /** Why it was erased. */
    get reason(): string | undefined;
}
/** The request did not arrive in time. */
export declare class RequestTimeout extends Problem {
}
/**
 * A request or a job is still running, or something stands in the way. Only what is still
 * running comes to an end: it has `retryAfter`.
 */
export declare class Conflict extends Problem {
    /** The seconds to wait before trying again, if trying again can help. */
    get retryAfter(): number | undefined;
    /** What uses or replaced it, up to ten: the id of a survivor, keys of fields. */
    get usedBy(): string[];
    /** How many stand in the way, also those that are not named. */
    get count(): number | undefined;
    /** The ids of up to ten records that stand in the way. */
    get sample(): string[];
}
/** Something else is at the time that a booking asks for. */
export declare class SlotTaken extends Problem {
    /** The next slots that are free, up to three. */
    get free(): Slot[];
}
/** The record does not have the version in `ifMatch`. */
export declare class PreconditionFailed extends Problem {
}
/** The body is larger than the API accepts. */
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
    /** The seconds to wait before trying again. */
    get retryAfter(): number | undefined;
}
/** An error of the server: 500, 503 or 504. */
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
    used_by: string[];
    count: number;
    sample: string[];
    next: Slot[];
    erased_id: string;
    erased_at: string;
    erased_by: string;
    reason: string;
}
/** When a slot begins and ends. */
interface Slot {
    starts_at: string;
    ends_at: string;
}
/** The error for an answer that is not a success. */
export declare function problemOf(answer: Answer): Problem;
export {};
