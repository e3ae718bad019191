/** The pages of a search, one fetched when the one before is used up. */
import type { Call, Pages } from './operations.js'

const LARGEST = 100 // records a page, where the search does not say

interface Page {
  data: unknown[]
  meta: { cursor: { next: string | null } }
}

/** The answer to a search. Each iteration searches anew. */
export function pagesOf(
  answer: (call: Call) => Promise<unknown>,
  call: Call,
): Pages<unknown, unknown> {
  async function* pages(): AsyncGenerator<Page> {
    let body: object = { limit: LARGEST, ...call.body }
    for (;;) {
      const page = (await answer({ ...call, body })) as Page
      yield page
      const { next } = page.meta.cursor
      if (next === null) return
      body = { ...body, cursor: next }
    }
  }
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* page.data
    },
  }
}
