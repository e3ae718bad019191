import { type Call } from './operations.js';
/** A request, written once, so that each attempt sends the same. */
export interface Request {
    url: string;
    init: RequestInit;
}
/** The token without the blanks around it. Throws for what is none, and does not tell it. */
export declare function tokenOf(given: string): string;
/** The address that paths begin after: without `/v1`, if it comes with it. */
export declare function addressOf(given: string): string;
/** @throws {TypeError} It cannot be sent as it is meant. */
export declare function requestOf(call: Call, token: string, address: string): Request;
