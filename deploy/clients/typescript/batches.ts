/** Any number of operations, sent in batches of as many as a request takes. */
import type * as records from './records.js'

const MOST = 200

interface Body<Operation> {
  operations: Operation[]
}

/**
 * Sends operations in batches, and yields the result of each, in their order.
 *
 * A batch is sent when the results of the one before are used up. A `ref` is known in its
 * own batch only: keep operations that belong together within `size`.
 *
 * @param send Sends a batch, e.g. `(body) => client.contacts.batch(body)`.
 * @param operations Any iterable; it is read as far as it is needed.
 * @param size The number of operations in a batch, 1 to 200.
 */
export async function* inBatches<Operation>(
  send: (body: Body<Operation>) => Promise<records.BatchResultPage>,
  operations: Iterable<Operation> | AsyncIterable<Operation>,
  size = MOST,
): AsyncGenerator<records.BatchResult> {
  if (!Number.isInteger(size) || size < 1 || size > MOST) {
    throw new RangeError(`A batch has 1 to ${MOST} operations, not ${size}.`)
  }
  let batch: Operation[] = []
  for await (const operation of operations) {
    batch.push(operation)
    if (batch.length < size) continue
    yield* (await send({ operations: batch })).data
    batch = []
  }
  if (batch.length > 0) yield* (await send({ operations: batch })).data
}
