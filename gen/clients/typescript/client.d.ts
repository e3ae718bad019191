/** The client: sends calls, retries them if that may help, and throws problems. */
import { Answer } from './answers.js';
import { FollowedChanges } from './feeds.js';
import { FileExports, FileImports } from './files.js';
import type { Hooks } from './hooks.js';
import { type Call, Resources } from './operations.js';
import { type Retries } from './retries.js';
import type { WithResponse } from './responses.js';
export interface Settings {
    /** A personal access token, or the access token of an app. */
    token: string;
    /** The address of the API. */
    address: string;
    /** The number of attempts and the pauses between them. */
    retries?: Partial<Retries>;
    /** The seconds that an attempt may take; by default a little more than the server's limit. */
    timeout?: number;
    /** Whether requests are spaced to stay within the rate limit; true by default. */
    pacing?: boolean;
    /** Functions that are called for each attempt. */
    hooks?: Hooks;
    /** The function that sends requests: for a proxy, or your own certificates. */
    fetch?: (url: string, init: RequestInit) => Promise<Response>;
}
/**
 * Calls the API with a token.
 *
 * ```js
 * const client = new ProspectConnect({ token, address: 'https://papi.prospectconnect.ai' })
 * const ada = await client.contacts.create({ first_name: 'Ada', email: 'ada@engine.example' })
 * ```
 */
export declare class ProspectConnect extends Resources {
    #private;
    /**
     * The same calls, each with its whole answer instead of only the data:
     * `const { data, etag } = await client.withResponse.contacts.get(id)`.
     */
    readonly withResponse: WithResponse<Resources>;
    readonly changes: FollowedChanges;
    readonly exports: FileExports;
    readonly imports: FileImports;
    constructor(settings: Settings);
    /**
     * Sends any call, with retries.
     *
     * @throws {TypeError} It cannot be sent unchanged; nothing was sent.
     * @throws {Problem} The answer of the last attempt is not a success.
     * @throws {Unreachable} The last attempt got no answer.
     */
    send(call: Call): Promise<Answer>;
}
