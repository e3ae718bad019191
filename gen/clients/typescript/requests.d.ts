import { type Call } from './operations.js';
/** A request. It is built once, so that all attempts send the same. */
export interface Request {
    url: string;
    init: RequestInit;
}
/** The token without surrounding blanks. The error for a malformed token does not contain it. */
export declare function tokenOf(given: string): string;
/** The base address for paths, without a `/v1` at its end. */
export declare function addressOf(given: string): string;
/** @throws {TypeError} It cannot be sent unchanged. */
export declare function requestOf(call: Call, token: string, address: string): Request;
