/** The client: sends calls, retries them if that may help, and throws problems. */
import { Answer } from './answers.js';
import { FollowedChanges } from './feeds.js';
import { FileExports, FileImports } from './files.js';
import { Resources } from './operations.js';
import { Pace } from './pacing.js';
import { pagesOf } from './pages.js';
import { problemOf, Unreachable, unreachable } from './problems.js';
import { addressOf, requestOf, tokenOf } from './requests.js';
import { pause, USUAL } from './retries.js';
/**
 * Calls the API with a token.
 *
 * ```js
 * const client = new ProspectConnect({ token, address: 'https://papi.prospectconnect.ai' })
 * const ada = await client.contacts.create({ first_name: 'Ada', email: 'ada@engine.example' })
 * ```
 */
export class ProspectConnect extends Resources {
    /**
     * The same calls, each with its whole answer instead of only the data:
     * `const { data, etag } = await client.withResponse.contacts.get(id)`.
     */
    withResponse;
    changes;
    exports;
    imports;
    #token;
    #address;
    #retries;
    #timeout;
    #pace;
    #hooks;
    #fetch;
    constructor(settings) {
        const send = (call) => this.send(call);
        const caller = callerOf(send, ({ data }) => data);
        super(caller);
        this.changes = new FollowedChanges(caller);
        this.exports = new FileExports(caller, send);
        this.imports = new FileImports(caller, send);
        const whole = new Resources(callerOf(send, (answer) => answer));
        this.withResponse = whole;
        this.#token = tokenOf(settings.token);
        this.#address = addressOf(settings.address);
        this.#retries = { ...USUAL, ...settings.retries };
        this.#timeout = settings.timeout ?? 35;
        this.#pace =
            settings.pacing === false ? undefined : new Pace(this.#retries.longestWait);
        this.#hooks = settings.hooks ?? {};
        this.#fetch = settings.fetch ?? ((url, init) => fetch(url, init));
    }
    /**
     * Sends any call, with retries.
     *
     * @throws {TypeError} It cannot be sent unchanged; nothing was sent.
     * @throws {Problem} The answer of the last attempt is not a success.
     * @throws {Unreachable} The last attempt got no answer.
     */
    async send(call) {
        const request = requestOf(call, this.#token, this.#address);
        for (let attempt = 1;; attempt++) {
            await this.#pace?.enter(call.signal);
            const outcome = await this.#attempt(call, request, attempt);
            const seconds = pause(this.#retries, call, outcome, attempt);
            if (seconds === undefined)
                return settled(outcome);
            await sleep(seconds, call.signal);
        }
    }
    async #attempt(call, request, attempt) {
        const told = { method: call.method, url: request.url, attempt };
        const began = performance.now();
        let outcome;
        try {
            this.#hooks.onRequest?.(told);
            outcome = await this.#exchange(call, request);
        }
        finally {
            this.#pace?.settle(outcome instanceof Answer ? outcome : undefined);
        }
        this.#hooks.onResponse?.({
            ...told,
            status: outcome instanceof Answer ? outcome.status : undefined,
            error: outcome instanceof Unreachable ? outcome : undefined,
            milliseconds: performance.now() - began,
        });
        return outcome;
    }
    async #exchange(call, { url, init }) {
        const seconds = Math.max(this.#timeout, call.seconds ?? 0);
        const limit = AbortSignal.timeout(seconds * 1000);
        const signal = call.signal ? AbortSignal.any([limit, call.signal]) : limit;
        try {
            const told = await this.#fetch(url, { ...init, signal });
            const { status, headers } = told;
            const bytes = new Uint8Array(await told.arrayBuffer());
            return new Answer(status, headers, bytes, call.amounts?.answer);
        }
        catch (cause) {
            call.signal?.throwIfAborted();
            return unreachable(new URL(url).host, cause);
        }
    }
}
/** Sends the calls of resources; it returns a part of the answer, or the whole. */
function callerOf(send, shown) {
    return {
        answer: async (call) => shown(await send(call)),
        pages: (call) => pagesOf(send, call, shown),
    };
}
/** The answer of the last attempt; throws the error of a failed one. */
function settled(outcome) {
    if (!(outcome instanceof Answer))
        throw outcome;
    const { status } = outcome;
    if ((status >= 200 && status < 300) || status === 304)
        return outcome;
    throw problemOf(outcome);
}
/** Waits; a signal ends the wait early. */
function sleep(seconds, signal) {
    return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const leave = () => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener('abort', leave);
            resolve();
        }, seconds * 1000);
        signal?.addEventListener('abort', leave, { once: true });
    });
}
