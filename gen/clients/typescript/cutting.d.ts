/** Where operations are cut into batches: where no `@ref` leads from one to another. */
/**
 * How many of the operations make the next batch.
 *
 * @param read The operations that were read and not sent: all that remain, or so many that
 *   what refers to one of the first `size` is among them if it can be.
 * @param size The most operations in a batch.
 * @param sent How many were sent before.
 */
export declare function lengthOfNext(read: readonly unknown[], size: number, sent: number): number;
/** The `ref` of an operation. */
export declare function refOf(operation: unknown): string | undefined;
