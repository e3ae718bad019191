/**
 * Follows the feed of changes with a cursor that is stored, so that no change is lost.
 *
 * The cursor after a page is stored when the program asks for what comes after the page:
 * then it has used all of it. If it stops earlier, it gets the page again.
 */
import { Changes } from './operations.js';
import { eventsOf, streamCall } from './streams.js';
/** Changes: page by page, with a stored cursor, and as they happen. */
export class FollowedChanges extends Changes {
    #streamer;
    constructor(caller, streamer) {
        super(caller);
        this.#streamer = streamer;
    }
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
    async *follow(store, body = {}, { once = false, ...options } = {}) {
        const kept = typeof store === 'string' ? cursorFile(store) : store;
        let cursor = await kept.load();
        const feed = this.read(cursor ? { ...body, cursor } : body, options);
        for await (const page of once ? feed.pages() : feed.follow()) {
            yield* page.data;
            const after = page.meta.cursor.next;
            if (after !== null && after !== cursor)
                await kept.save(after);
            cursor = after;
        }
    }
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
    async *watch(store = null, asked = {}, { signal } = {}) {
        const kept = typeof store === 'string' ? cursorFile(store) : store;
        let cursor = await kept?.load();
        for (let attempt = 1;; attempt++) {
            const call = streamCall(asked, cursor, signal);
            let failure;
            try {
                for await (const event of eventsOf(this.#streamer.stream(call, attempt))) {
                    attempt = 1;
                    if (event.change !== undefined)
                        yield event.change;
                    if (event.cursor === undefined || event.cursor === cursor)
                        continue;
                    cursor = event.cursor;
                    await kept?.save(cursor);
                }
            }
            catch (error) {
                failure = error;
            }
            await this.#streamer.waitAfter(failure, call, attempt);
        }
    }
}
/** Keeps a cursor in a file, which is replaced as a whole. It needs Node or Deno. */
export function cursorFile(path) {
    return {
        async load() {
            const { readFile } = await import('node:fs/promises');
            try {
                return (await readFile(path, 'utf8')).trim() || null;
            }
            catch (error) {
                if (error.code === 'ENOENT')
                    return null;
                throw error;
            }
        },
        async save(cursor) {
            const { open, rename } = await import('node:fs/promises');
            const { basename, dirname, join } = await import('node:path');
            const fresh = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.new`);
            const file = await open(fresh, 'a+');
            try {
                await file.appendFile(new TextEncoder().encode(`${cursor}\n`));
                await file.sync();
            }
            finally {
                await file.close();
            }
            await rename(fresh, path);
        },
    };
}
