/** The pages of a search, one fetched when the one before is used up. */
import type { Call, Pages } from './operations.js';
/** The answer to a search. Each iteration searches anew. */
export declare function pagesOf(answer: (call: Call) => Promise<unknown>, call: Call): Pages<unknown, unknown>;
