/** The client of the ProspectConnect API. */
export { Answer } from './answers.js';
export { ProspectConnect, type Settings } from './client.js';
export * from './operations.js';
export { BadRequest, Conflict, Forbidden, IdempotencyKeyReused, NotFound, PayloadTooLarge, PreconditionFailed, Problem, ProspectConnectError, RateLimited, RequestTimeout, ServerError, Unauthorized, Unreachable, ValidationFailed, } from './problems.js';
export type * as records from './records.js';
export type { Retries } from './retries.js';
