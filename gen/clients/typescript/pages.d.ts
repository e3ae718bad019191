/** The pages of a search, one fetched when the one before is used up. */
import type { Answer } from './answers.js';
import type { Call, Pages } from './operations.js';
/**
 * The answer to a search. Each iteration searches anew.
 *
 * @param shown What `pages()` gives of each answer.
 */
export declare function pagesOf(send: (call: Call) => Promise<Answer>, call: Call, shown: (answer: Answer) => unknown): Pages<unknown, unknown>;
