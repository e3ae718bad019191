/** Whatever this client throws by itself. */
export class ProspectConnectError extends Error {
    get name() {
        return this.constructor.name;
    }
}
/** No answer came. Whether the call was carried out is not known. */
export class Unreachable extends ProspectConnectError {
}
/** The error for an attempt without an answer. Its message names host and reason. */
export function unreachable(host, cause) {
    return new Unreachable(`No answer came from ${host}: ${reasonOf(cause)}`, { cause });
}
/** The innermost reason: `fetch` says that it failed, and its cause says why. */
function reasonOf(cause) {
    if (!(cause instanceof Error))
        return String(cause);
    const { code, errors } = cause;
    const inner = cause.cause ?? errors?.[0]; // of several addresses, the first tells
    if (inner !== undefined)
        return reasonOf(inner);
    const text = cause.message || cause.name;
    return code === undefined || text.includes(code) ? text : `${code}: ${text}`;
}
/** An answer that is a problem document (RFC 9457). */
export class Problem extends ProspectConnectError {
    answer;
    told;
    /** The URI of the kind of problem; decide by it, or by the class. */
    type;
    /** The kind in words. */
    title;
    /** The HTTP status. */
    status;
    /** What is wrong this time, for people. */
    detail;
    /** The path that was called. */
    instance;
    /** The id that the support finds the call by. */
    traceId;
    constructor(answer, told) {
        super(`${answer.status} ${messageOf(told)}`.trimEnd());
        this.answer = answer;
        this.told = told;
        this.type = told.type ?? 'about:blank';
        this.title = told.title ?? '';
        this.status = answer.status;
        this.detail = told.detail ?? '';
        this.instance = told.instance ?? '';
        this.traceId = answer.traceId;
    }
}
/** What is told of a problem; of several faults the first few. */
function messageOf({ errors, detail, title }) {
    if (!Array.isArray(errors))
        return detail ?? title ?? '';
    const told = errors.slice(0, 3).map(({ field, message }) => `${field}: ${message}`);
    if (errors.length > told.length)
        told.push(`and ${errors.length - told.length} more`);
    return told.join('; ') || (detail ?? title ?? '');
}
/** The request cannot be read, or its cursor belongs to another search. */
export class BadRequest extends Problem {
}
/** There is no token, or it is unknown, expired or revoked. */
export class Unauthorized extends Problem {
}
/** The token's scopes or the user's role do not grant it. */
export class Forbidden extends Problem {
    /** `scope` or `role`, when one of them refused. */
    get refusedBy() {
        return this.told.refused_by;
    }
    /** The permission that it takes, such as `deal.write`. */
    get required() {
        return this.told.required;
    }
}
/** There is no such record, or none that the caller may see. */
export class NotFound extends Problem {
}
/** The request did not arrive in time. */
export class RequestTimeout extends Problem {
}
/** The first request with the same key is still running. */
export class Conflict extends Problem {
}
/** The record is not at the version that `ifMatch` named. */
export class PreconditionFailed extends Problem {
}
/** The body is larger than the API takes. */
export class PayloadTooLarge extends Problem {
}
/** Fields are missing or wrong. */
export class ValidationFailed extends Problem {
    /** All faults: each `field`, `code` and `message`. */
    get errors() {
        return this.told.errors ?? [];
    }
}
/** The key was used before, by another request. */
export class IdempotencyKeyReused extends Problem {
}
/** Too many requests. */
export class RateLimited extends Problem {
    /** In how many seconds to try again. */
    get retryAfter() {
        return this.answer.retryAfter;
    }
}
/** The fault is the server's: 500, 503 or 504. */
export class ServerError extends Problem {
}
const CLASSES = new Map([
    ['bad-request', BadRequest],
    ['unauthorized', Unauthorized],
    ['forbidden', Forbidden],
    ['not-found', NotFound],
    ['request-timeout', RequestTimeout],
    ['conflict', Conflict],
    ['precondition-failed', PreconditionFailed],
    ['payload-too-large', PayloadTooLarge],
    ['validation', ValidationFailed],
    ['idempotency-key-reused', IdempotencyKeyReused],
    ['rate-limited', RateLimited],
    ['server-error', ServerError],
]);
// For answers of other servers on the way, which know no such types.
const BY_STATUS = new Map([
    [400, BadRequest],
    [401, Unauthorized],
    [403, Forbidden],
    [404, NotFound],
    [408, RequestTimeout],
    [413, PayloadTooLarge],
    [429, RateLimited],
]);
/** The error for an answer that does not say that it is done. */
export function problemOf(answer) {
    const told = documentOf(answer);
    const slug = `${told.type}`.split('/').at(-1) ?? '';
    const rest = answer.status >= 500 ? ServerError : Problem;
    const kind = CLASSES.get(slug) ?? BY_STATUS.get(answer.status) ?? rest;
    return new kind(answer, told);
}
/** The problem document; empty when another server on the way wrote the answer. */
function documentOf(answer) {
    try {
        const told = answer.json;
        return typeof told === 'object' && told !== null ? told : {};
    }
    catch {
        return {};
    }
}
