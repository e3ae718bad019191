/** Any number of operations, sent in batches of as many as a request takes. */
import { lengthOfNext, refOf } from './cutting.js';
const MOST = 200;
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
export async function* inBatches(send, operations, size = MOST) {
    if (!Number.isInteger(size) || size < 1 || size > MOST) {
        throw new RangeError(`A batch has 1 to ${MOST} operations, not ${size}.`);
    }
    let read = [];
    let sent = 0;
    for await (const operation of operations) {
        read.push(operation);
        while (read.length >= needed(read, size)) {
            const length = lengthOfNext(read, size, sent);
            yield* (await send({ operations: read.slice(0, length) })).data;
            read = read.slice(length);
            sent += length;
        }
    }
    while (read.length > 0) {
        const length = lengthOfNext(read, size, sent);
        yield* (await send({ operations: read.slice(0, length) })).data;
        read = read.slice(length);
        sent += length;
    }
}
/**
 * How many operations must be read before the next batch is known. With refs, the last of
 * a batch may refer to its first: so far may one refer.
 */
function needed(read, size) {
    if (read.length < size)
        return size;
    return read.some((each) => refOf(each) !== undefined) ? 2 * size - 1 : size;
}
