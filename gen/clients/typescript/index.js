/** The client of the ProspectConnect API. */
export { Amount } from './amounts.js';
export { Answer } from './answers.js';
export { inBatches } from './batches.js';
export { ProspectConnect } from './client.js';
export { cursorFile, FollowedChanges } from './feeds.js';
export { FileExports, FileImports, JobFailed } from './files.js';
export * from './operations.js';
export { typescriptTypes } from './own_fields.js';
export { BadRequest, Conflict, Forbidden, Gone, IdempotencyKeyReused, NotFound, PayloadTooLarge, PreconditionFailed, Problem, ProspectConnectError, RateLimited, RequestTimeout, ServerError, SlotTaken, Unauthorized, Unreachable, ValidationFailed, } from './problems.js';
export { FileDiffers } from './transfers.js';
export { verifyWebhook, WebhookInvalid } from './webhooks.js';
