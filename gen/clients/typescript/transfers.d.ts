/** Files on their way: sent in parts, and fetched by ranges, with Node's files. */
import type { Answer } from './answers.js';
import type { Call } from './operations.js';
import { ProspectConnectError } from './problems.js';
/** What has arrived is not the file that the API has. It was deleted. */
export declare class FileDiffers extends ProspectConnectError {
}
export type Send = (call: Call) => Promise<Answer>;
/** A file of the API: its size in bytes and its SHA-256. */
export interface Source {
    path: string;
    size: number;
    sha256: string;
}
/** A call without a body. */
export declare function plain(method: string, path: string, signal: AbortSignal | undefined, headers?: Record<string, string>): Call;
/** Sends a file in parts, without those that have arrived. */
export declare function sent(send: Send, path: string, file: string, arrived: ReadonlyMap<number, string>, teller: (total: number) => (done: number) => void, signal: AbortSignal | undefined): Promise<void>;
/**
 * Fetches a file, unless it is there. What has arrived is kept beside it, under a name of
 * its own, so that the next try goes on from there.
 */
export declare function fetched(send: Send, source: Source, target: string, tell: (done: number) => void, signal: AbortSignal | undefined): Promise<void>;
