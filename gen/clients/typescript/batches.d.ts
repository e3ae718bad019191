import type * as records from './records.js';
interface Body<Operation> {
    operations: Operation[];
}
/**
 * Sends operations in batches, and yields the result of each, in their order.
 *
 * A batch is sent when the results of the one before are used up. A `ref` is known in its
 * own batch only, so a batch may be shorter than `size`: operations that refer to each
 * other stay in one batch. If one refers to an operation that is not before it, or too far
 * from it to be in one batch, this ends with a `RangeError`. That operation is not sent,
 * and neither is what comes after it.
 *
 * @param send Sends a batch, e.g. `(body) => client.contacts.batch(body)`.
 * @param operations Any iterable; it is read as far as it is needed.
 * @param size The number of operations in a batch, 1 to 200.
 */
export declare function inBatches<Operation>(send: (body: Body<Operation>) => Promise<records.BatchResultPage>, operations: Iterable<Operation> | AsyncIterable<Operation>, size?: number): AsyncGenerator<records.BatchResult>;
export {};
