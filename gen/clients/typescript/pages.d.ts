/** The pages of a search; each is requested when the previous one is used up. */
import type { Answer } from './answers.js';
import type { Call, Feed } from './operations.js';
/**
 * The results of a search. Each iteration starts a new search.
 *
 * @param shown Returns what `pages()` yields for each answer.
 */
export declare function pagesOf(send: (call: Call) => Promise<Answer>, call: Call, shown: (answer: Answer) => unknown): Feed<unknown, unknown>;
