const LARGEST = 100; // records a page, where the search does not say
/** The answer to a search. Each iteration searches anew. */
export function pagesOf(answer, call) {
    async function* pages() {
        let body = { limit: LARGEST, ...call.body };
        for (;;) {
            const page = (await answer({ ...call, body }));
            yield page;
            const { next } = page.meta.cursor;
            if (next === null)
                return;
            body = { ...body, cursor: next };
        }
    }
    return {
        pages,
        async *[Symbol.asyncIterator]() {
            for await (const page of pages())
                yield* page.data;
        },
    };
}
