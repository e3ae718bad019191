/** The client: sends calls, retries them if that may help, and throws problems. */
import { Answer } from './answers.js';
import { FollowedChanges } from './feeds.js';
import { FileExports, FileImports } from './files.js';
import { Resources } from './operations.js';
import { Pace } from './pacing.js';
import { pagesOf } from './pages.js';
import { Problem, problemOf, ProspectConnectError, Unreachable, unreachable, } from './problems.js';
import { addressOf, requestOf, tokenOf } from './requests.js';
import { pause, USUAL } from './retries.js';
const SILENCE = 60;
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
        this.changes = new FollowedChanges(caller, {
            stream: (call, attempt) => this.#stream(call, attempt),
            waitAfter: (failure, call, attempt) => this.#waitAfter(failure, call, attempt),
        });
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
    /** Sends a call whose answer goes on, and yields its bytes as they come. */
    async *#stream(call, attempt) {
        const request = requestOf(call, this.#token, this.#address);
        const silence = new Silence(call.signal);
        try {
            await this.#pace?.enter(call.signal);
            let body = null;
            const outcome = await this.#attempted(call, request, attempt, async () => {
                try {
                    const init = { ...request.init, signal: silence.signal };
                    const told = await this.#fetch(request.url, init);
                    body = told.ok ? told.body : null;
                    const rest = told.ok ? '' : await told.text();
                    return new Answer(told.status, told.headers, rest);
                }
                catch (cause) {
                    call.signal?.throwIfAborted();
                    return unreachable(new URL(request.url).host, cause);
                }
            });
            settled(outcome);
            const reader = body?.getReader();
            for (;;) {
                const chunk = await reader?.read();
                if (chunk?.value === undefined)
                    return;
                silence.broken();
                yield chunk.value;
            }
        }
        catch (cause) {
            call.signal?.throwIfAborted();
            if (cause instanceof ProspectConnectError)
                throw cause;
            throw unreachable(new URL(request.url).host, cause);
        }
        finally {
            silence.end();
        }
    }
    async #waitAfter(failure, call, attempt) {
        const told = failure ?? new Unreachable('The stream has ended.');
        const outcome = told instanceof Problem ? told.answer : told;
        if (!(outcome instanceof Answer || outcome instanceof Unreachable))
            throw told;
        const seconds = pause(this.#retries, call, outcome, attempt);
        if (seconds === undefined)
            throw told;
        await sleep(seconds, call.signal);
    }
    async #attempt(call, request, attempt) {
        return this.#attempted(call, request, attempt, () => this.#exchange(call, request));
    }
    /** Makes an attempt, which the hooks and the pace are told of. */
    async #attempted(call, request, attempt, made) {
        const told = { method: call.method, url: request.url, attempt };
        const began = performance.now();
        let outcome;
        try {
            this.#hooks.onRequest?.(told);
            outcome = await made();
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
/** Ends a stream that says nothing for a minute; there is a sign of life every 15 seconds. */
class Silence {
    #ended = new AbortController();
    signal;
    #timer;
    constructor(signal) {
        const { signal: ended } = this.#ended;
        this.signal = signal ? AbortSignal.any([ended, signal]) : ended;
        this.broken();
    }
    broken() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.end(), SILENCE * 1000);
    }
    /** Closes the connection. */
    end() {
        clearTimeout(this.#timer);
        this.#ended.abort(new Error(`Nothing came for ${SILENCE} seconds.`));
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
