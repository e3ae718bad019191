/**
 * Follows the feed of changes with a cursor that is stored, so that no change is lost.
 *
 * The cursor after a page is stored when the program asks for what comes after the page:
 * then it has used all of it. If it stops earlier, it gets the page again.
 */
import { Changes, type Options } from './operations.js';
import type * as records from './records.js';
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
/** Changes, and what follows them with a stored cursor. */
export declare class FollowedChanges extends Changes {
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
}
/** Keeps a cursor in a file, which is replaced as a whole. It needs Node or Deno. */
export declare function cursorFile(path: string): CursorStore;
