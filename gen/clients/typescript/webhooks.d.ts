import { ProspectConnectError } from './problems.js';
import type * as records from './records.js';
/**
 * A request is not from the webhook: answer it with a 400, and use nothing of it. The
 * message contains neither the secret nor the body.
 */
export declare class WebhookInvalid extends ProspectConnectError {
}
/** What a request tells. */
export interface WebhookEvent {
    /** The id of the change. Each attempt has the same: ignore an id that you have had. */
    id: string;
    /** The type of the change, e.g. `contact.created`. */
    type: string;
    /** When the change happened, in UTC. */
    timestamp: string;
    /** The change, as `client.changes.read()` returns it. */
    change: records.Change;
    /** Whether `changed` and `state` were left out: the body would have been too large. */
    truncated: boolean;
}
/** Headers as `fetch`, Node's `http`, Express and others have them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
export interface WebhookOptions {
    /** How many seconds the timestamp may differ from the clock; 300 by default. */
    tolerance?: number;
    /** Returns milliseconds since 1970; `Date.now` by default. */
    now?: () => number;
}
/**
 * Checks that a request is from the webhook, and returns what it tells.
 *
 * ```js
 * const event = await verifyWebhook(await request.text(), request.headers, secret)
 * ```
 *
 * @param body The body as it came, not parsed.
 * @param secret The webhook's secret, `whsec_...`; several while one replaces another.
 * @throws {WebhookInvalid} The request is not from the webhook, or it is an old one.
 * @throws {TypeError} The body is parsed, or a secret is malformed.
 */
export declare function verifyWebhook(body: string | Uint8Array | ArrayBuffer, headers: WebhookHeaders, secret: string | readonly string[], { tolerance, now }?: WebhookOptions): Promise<WebhookEvent>;
