/** The client of the ProspectConnect API. */
export { Amount } from './amounts.js';
export { Answer, type Limit } from './answers.js';
export { inBatches } from './batches.js';
export { ProspectConnect, type Settings } from './client.js';
export { cursorFile, type CursorStore, FollowedChanges, type FollowOptions } from './feeds.js';
export { type Exported, FileExports, FileImports, JobFailed } from './files.js';
export type { Progress, WithProgress } from './files.js';
export type { Attempt, Attempted, Hooks } from './hooks.js';
export * from './operations.js';
export { typescriptTypes } from './own_fields.js';
export { BadRequest, Conflict, Forbidden, Gone, IdempotencyKeyReused, NotFound, PayloadTooLarge, PreconditionFailed, Problem, ProspectConnectError, RateLimited, RequestTimeout, ServerError, SlotTaken, Unauthorized, Unreachable, ValidationFailed, } from './problems.js';
export type * as records from './records.js';
export { FileDiffers } from './transfers.js';
export { verifyWebhook, WebhookInvalid } from './webhooks.js';
export type { WebhookEvent, WebhookHeaders, WebhookOptions } from './webhooks.js';
export type { WithResponse } from './responses.js';
export type { Retries } from './retries.js';
export type { Watched } from './streams.js';
