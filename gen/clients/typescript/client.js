/** The client: sends calls, repeats them while that may help, throws problems. */
import { Answer } from './answers.js';
import { Resources, VERSION } from './operations.js';
import { pagesOf } from './pages.js';
import { problemOf, Unreachable } from './problems.js';
import { pause, USUAL } from './retries.js';
/**
 * Calls the API as whoever holds a token.
 *
 * ```js
 * const client = new ProspectConnect({ token, address: 'https://papi.prospectconnect.ai' })
 * const ada = await client.contacts.create({ first_name: 'Ada', email: 'ada@engine.example' })
 * ```
 */
export class ProspectConnect extends Resources {
    #token;
    #address;
    #retries;
    #timeout;
    constructor({ token, address, retries = {}, timeout = 35 }) {
        const answer = async (call) => (await this.send(call)).json;
        super({ answer, pages: (call) => pagesOf(answer, call) });
        this.#token = tokenOf(token);
        this.#address = addressOf(address);
        this.#retries = { ...USUAL, ...retries };
        this.#timeout = timeout;
    }
    /**
     * Sends any call, and again while that may help.
     *
     * @throws {Problem} The last attempt's answer does not say that it is done.
     * @throws {Unreachable} The last attempt got no answer.
     */
    async send(call) {
        const request = requestOf(call, this.#token);
        for (let attempt = 1;; attempt++) {
            const outcome = await this.#attempt(call, request);
            const seconds = pause(this.#retries, call, outcome, attempt);
            if (seconds === undefined)
                return settled(outcome);
            await sleep(seconds, call.signal);
        }
    }
    async #attempt(call, request) {
        const limit = AbortSignal.timeout(this.#timeout * 1000);
        const signal = call.signal ? AbortSignal.any([limit, call.signal]) : limit;
        try {
            const told = await fetch(this.#address + call.path, { ...request, signal });
            return new Answer(told.status, told.headers, await told.text());
        }
        catch (cause) {
            call.signal?.throwIfAborted();
            return new Unreachable(`No answer came: ${cause}`, { cause });
        }
    }
}
/** The token without the blanks around it. Throws for what is none, and does not tell it. */
function tokenOf(given) {
    const token = `${given ?? ''}`.trim();
    if (!/^[!-~]+$/.test(token)) {
        throw new TypeError('The token is empty, or holds what no token does.');
    }
    return token;
}
/** The address that paths begin after: without `/v1`, if it comes with it. */
function addressOf(given) {
    const address = `${given ?? ''}`.trim().replace(/\/+$/, '').replace(/\/v1$/, '');
    if (!/^https?:\/\//.test(address)) {
        throw new TypeError(`The address '${given}' begins with no http:// or https://.`);
    }
    return address;
}
/** A call as a request. It is written once, so each attempt sends the same. */
function requestOf(call, token) {
    const headers = new Headers({
        Authorization: `Bearer ${token}`,
        Version: VERSION,
        Accept: 'application/json',
        ...call.headers,
    });
    if (call.keyed && !headers.has('Idempotency-Key')) {
        headers.set('Idempotency-Key', crypto.randomUUID());
    }
    const request = { method: call.method, headers, redirect: 'manual' };
    if (call.body !== undefined) {
        headers.set('Content-Type', 'application/json');
        request.body = JSON.stringify(call.body);
    }
    return request;
}
/** The answer to a call that is not made again, unless it is to be thrown. */
function settled(outcome) {
    if (!(outcome instanceof Answer))
        throw outcome;
    const { status } = outcome;
    if ((status >= 200 && status < 300) || status === 304)
        return outcome;
    throw problemOf(outcome);
}
/** Waits; a signal ends it early. */
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
