/**
 * Follows the feed of changes with a cursor that is stored, so that no change is lost.
 *
 * The cursor after a page is stored when the program asks for what comes after the page:
 * then it has used all of it. If it stops earlier, it gets the page again.
 */
import { type Call, type Caller, Changes, type Options } from './operations.js';
import type * as records from './records.js';
import { type Watched } from './streams.js';
/** Where a cursor is kept. */
export interface CursorStore {
    /** The stored cursor; nothing if there is none yet. */
    load(): Promise<string | null | undefined> | string | null | undefined;
    /** Stores a cursor in the place of the one before. */
    save(cursor: string): Promise<unknown> | unknown;
}
export interface FollowOptions extends Options {
    /** Whether to end when all that has happened is told. */
    once?: boolean | undefined;
}
/** A client, as far as a stream needs it. */
export interface Streamer {
    /** Makes one attempt; `attempt` is its number. */
    stream(call: Call, attempt: number): AsyncIterable<Uint8Array>;
    /** Waits before another attempt; throws the failure if there is to be none. */
    waitAfter(failure: unknown, call: Call, attempt: number): Promise<void>;
}
/** Changes: page by page, with a stored cursor, and as they happen. */
export declare class FollowedChanges extends Changes {
    #private;
    constructor(caller: Caller, streamer: Streamer);
    /**
     * Yields each change after the stored cursor, and then those that come.
     *
     * ```js
     * for await (const { type, record } of client.changes.follow('contacts.cursor')) {
     *   console.log(type, record.id)
     * }
     * ```
     *
     * Each change comes at least once: after a crash the last page comes again, with the
     * same ids. `Gone` says that the stored cursor is too old, so changes are missing: read
     * all records anew, and begin with an empty store.
     *
     * @param store The path of a file for the cursor (Node and Deno), or a store of your own.
     * @param body What `read` takes. `start` counts if no cursor is stored yet.
     */
    follow(store: string | CursorStore, body?: records.ReadChangesBody, { once, ...options }?: FollowOptions): AsyncGenerator<records.Change, void, undefined>;
    /**
     * Yields each change as it happens. It never ends, except by `signal`.
     *
     * ```js
     * for await (const { record } of client.changes.watch(null, { types: ['deal.won'] })) {
     *   console.log(record.id)
     * }
     * ```
     *
     * A stream that breaks off is opened again after the last change, with the pauses of
     * `retries`, so nothing is missing.
     *
     * @param store Where the cursor is kept after each change: the path of a file (Node and
     *   Deno), or a store of your own. With null the next program begins with `start`.
     * @param asked What `read` takes, without `cursor`, `limit` and `wait_seconds`.
     * @throws {Gone} The cursor is too old, so changes are missing; see `follow`.
     * @throws {Problem} The API ends the stream, e.g. because the token was revoked.
     * @throws {Unreachable} No attempt to open the stream again succeeded.
     */
    watch(store?: string | CursorStore | null, asked?: Watched, { signal }?: Options): AsyncGenerator<records.Change, void, undefined>;
}
/** Keeps a cursor in a file, which is replaced as a whole. It needs Node or Deno. */
export declare function cursorFile(path: string): CursorStore;
