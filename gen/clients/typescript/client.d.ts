/** The client: sends calls, repeats them while that may help, throws problems. */
import { Answer } from './answers.js';
import type { Hooks } from './hooks.js';
import { type Call, Resources } from './operations.js';
import { type Retries } from './retries.js';
import type { WithResponse } from './responses.js';
export interface Settings {
    /** A personal access token, or the access token of an app. */
    token: string;
    /** Where the API is. */
    address: string;
    /** How patient the client is. */
    retries?: Partial<Retries>;
    /** How many seconds an attempt may take; a little more than the server's longest. */
    timeout?: number;
    /** Whether requests wait for their place in the rate limit; true by default. */
    pacing?: boolean;
    /** What is told of each attempt. */
    hooks?: Hooks;
    /** What sends requests: for a proxy, or certificates of your own. */
    fetch?: (url: string, init: RequestInit) => Promise<Response>;
}
/**
 * Calls the API as whoever holds a token.
 *
 * ```js
 * const client = new ProspectConnect({ token, address: 'https://papi.prospectconnect.ai' })
 * const ada = await client.contacts.create({ first_name: 'Ada', email: 'ada@engine.example' })
 * ```
 */
export declare class ProspectConnect extends Resources {
    #private;
    /**
     * The same calls, each with its whole answer instead of the data alone:
     * `const { data, etag } = await client.withResponse.contacts.get(id)`.
     */
    readonly withResponse: WithResponse<Resources>;
    constructor(settings: Settings);
    /**
     * Sends any call, and again while that may help.
     *
     * @throws {TypeError} It cannot be sent as it is meant; nothing was sent.
     * @throws {Problem} The last attempt's answer does not say that it is done.
     * @throws {Unreachable} The last attempt got no answer.
     */
    send(call: Call): Promise<Answer>;
}
