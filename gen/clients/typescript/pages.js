const LARGEST = 100; // records per page, if the search does not state it
/**
 * The results of a search. Each iteration starts a new search.
 *
 * @param shown Returns what `pages()` yields for each answer.
 */
export function pagesOf(send, call, shown) {
    async function* answers() {
        let body = { limit: LARGEST, ...call.body };
        for (;;) {
            const answer = await send({ ...call, body });
            const page = answer.data;
            yield [page, answer];
            const { next, has_more } = page.meta.cursor;
            // A feed of changes has a cursor after its last page too.
            if (next === null || has_more === false)
                return;
            body = { ...body, cursor: next };
        }
    }
    return {
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
