/** The client: sends calls, repeats them while that may help, throws problems. */
import { Answer } from './answers.js';
import { type Call, Resources } from './operations.js';
import { type Retries } from './retries.js';
export interface Settings {
    /** A personal access token, or the access token of an app. */
    token: string;
    /** Where the API is. */
    address: string;
    /** How patient the client is. */
    retries?: Partial<Retries>;
    /** How many seconds an attempt may take; a little more than the server's longest. */
    timeout?: number;
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
    constructor({ token, address, retries, timeout }: Settings);
    /**
     * Sends any call, and again while that may help.
     *
     * @throws {Problem} The last attempt's answer does not say that it is done.
     * @throws {Unreachable} The last attempt got no answer.
     */
    send(call: Call): Promise<Answer>;
}
