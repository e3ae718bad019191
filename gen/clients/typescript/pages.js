const LARGEST = 100; // records per page, if the search does not state it
const WAIT = 20; // seconds that a page waits for what happens
/**
 * The results of a search. Each iteration starts a new search.
 *
 * @param shown Returns what `pages()` yields for each answer.
 */
export function pagesOf(send, call, shown) {
    async function* answers(follows = false) {
        let body = { limit: LARGEST, ...call.body };
        for (;;) {
            const answer = await send({ ...call, body });
            const page = answer.data;
            yield [page, answer];
            const { next, has_more } = page.meta.cursor;
            // A feed of changes has a cursor after its last page too.
            if (next === null || (has_more === false && !follows))
                return;
            body = { ...(follows && { wait_seconds: WAIT }), ...body, cursor: next };
        }
    }
    return {
        async *follow() {
            for await (const [, answer] of answers(true))
                yield shown(answer);
        },
        async *pages() {
            for await (const [, answer] of answers())
                yield shown(answer);
        },
        async *[Symbol.asyncIterator]() {
            for await (const [page] of answers())
                yield* page.data;
        },
    };
}
