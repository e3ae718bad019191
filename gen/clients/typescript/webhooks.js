/** Checks the signature of a webhook's request, as Standard Webhooks define it. */
import { read } from './json.js';
import { ProspectConnectError } from './problems.js';
const TOLERANCE_SECONDS = 300;
/**
 * A request is not from the webhook: answer it with a 400, and use nothing of it. The
 * message contains neither the secret nor the body.
 */
export class WebhookInvalid extends ProspectConnectError {
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
export async function verifyWebhook(body, headers, secret, { tolerance = TOLERANCE_SECONDS, now = Date.now } = {}) {
    const content = bytesOf(body);
    const secrets = typeof secret === 'string' ? [secret] : secret;
    if (secrets.length === 0)
        throw new TypeError('There is no secret.');
    const keys = secrets.map(keyOf);
    const id = header(headers, 'webhook-id');
    const sent = header(headers, 'webhook-timestamp');
    const given = header(headers, 'webhook-signature').split(' ');
    if (!/^\d{1,15}$/.test(sent)) {
        throw new WebhookInvalid('The header webhook-timestamp is not a number.');
    }
    if (!(Math.abs(now() / 1000 - Number(sent)) <= tolerance)) {
        throw new WebhookInvalid('The timestamp is too far from the clock.');
    }
    const signed = joined(new TextEncoder().encode(`${id}.${sent}.`), content);
    let fits = false;
    for (const key of keys) {
        const expected = await signature(key, signed);
        for (const each of given)
            fits = same(expected, each) || fits;
    }
    if (!fits)
        throw new WebhookInvalid('No signature fits the request and the secret.');
    return eventOf(id, content);
}
function bytesOf(body) {
    if (typeof body === 'string')
        return new TextEncoder().encode(body);
    if (body instanceof ArrayBuffer)
        return new Uint8Array(body);
    if (body instanceof Uint8Array)
        return new Uint8Array(body);
    throw new TypeError('The body is parsed. Pass it as it came: text or bytes.');
}
function keyOf(secret) {
    const text = typeof secret === 'string' ? secret.trim().replace(/^whsec_/, '') : '';
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) || !text) {
        throw new TypeError('The secret is not one of a webhook: `whsec_` and base64.');
    }
    return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
}
function header(headers, name) {
    const found = headers instanceof Headers
        ? headers.get(name)
        : Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
    const text = typeof found === 'string' ? found : found?.length === 1 ? found[0] : '';
    if (!text)
        throw new WebhookInvalid(`The header ${name} is missing.`);
    return text;
}
async function signature(key, content) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const made = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', made, content));
    return `v1,${btoa(String.fromCharCode(...mac))}`;
}
/** Compares in a time that does not depend on where two texts differ. */
function same(expected, given) {
    let differs = expected.length ^ given.length;
    for (let at = 0; at < expected.length; at++) {
        differs |= expected.charCodeAt(at) ^ given.charCodeAt(at);
    }
    return differs === 0;
}
function joined(head, tail) {
    const whole = new Uint8Array(head.length + tail.length);
    whole.set(head);
    whole.set(tail, head.length);
    return whole;
}
function eventOf(id, content) {
    let told;
    try {
        told = read(new TextDecoder().decode(content));
    }
    catch {
        told = null;
    }
    const { type, timestamp, data, truncated } = told ?? {};
    if (typeof type !== 'string' || typeof timestamp !== 'string' || !data) {
        throw new WebhookInvalid('The body is signed, but it tells no change.');
    }
    const change = data;
    return { id, type, timestamp, change, truncated: truncated === true };
}
