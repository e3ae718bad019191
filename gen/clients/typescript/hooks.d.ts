/**
 * What is told of each attempt, for logs, metrics and traces. Neither token nor body is
 * in it. What a hook throws ends the call.
 */
import type { Unreachable } from './problems.js';
export interface Attempt {
    method: string;
    url: string;
    /** 1 for the first; a call that is made again keeps counting. */
    attempt: number;
}
export interface Attempted extends Attempt {
    /** The status of the answer; undefined when none came. */
    status: number | undefined;
    /** Why no answer came. */
    error: Unreachable | undefined;
    /** How long the attempt took, the body included. */
    milliseconds: number;
}
export interface Hooks {
    onRequest?: ((attempt: Attempt) => void) | undefined;
    onResponse?: ((attempted: Attempted) => void) | undefined;
}
