import type { Call } from './operations.js';
import type * as records from './records.js';
/** What `watch` takes, as `read` does. */
export type Watched = Pick<records.ReadChangesBody, 'start' | 'resources' | 'types' | 'filters' | 'include'>;
/** What a stream tells: where it stands now, and what has happened, if anything. */
export interface Event {
    cursor: string | undefined;
    change: records.Change | undefined;
}
/**
 * The events of a stream. One that is cut off at the end is none.
 *
 * @throws {Problem} The API ends the stream.
 * @throws {Unreachable} An event is no change.
 */
export declare function eventsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Event, void, undefined>;
/** The call that begins a stream, after a cursor if there is one. */
export declare function streamCall({ start, resources, types, filters, include }: Watched, cursor: string | null | undefined, signal: AbortSignal | undefined): Call;
