"""Any number of operations, sent in batches of as many as a request takes."""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from itertools import islice
from typing import Any

from prospectconnect_client.cutting import length_of_next
from prospectconnect_contract.records import BatchResult, BatchResultPage

MOST = 200


def in_batches(
    send: Callable[..., BatchResultPage],
    operations: Iterable[Mapping[str, Any]],
    *,
    size: int = MOST,
    dry_run: bool = False,
) -> Iterator[BatchResult]:
    """Sends operations in batches, and yields the result of each, in their order.

    ```python
    made = ({"method": "create", "body": person} for person in people)
    for result in in_batches(client.contacts.batch, made):
        print(result["status"], result.get("problem"))
    ```

    A batch is sent when the results of the one before are used up. A `ref` is known in
    its own batch only, so a batch may be shorter than `size`: operations that refer to
    each other stay in one batch.

    Args:
        send: The method that sends a batch, e.g. `client.contacts.batch`.
        operations: Any iterable; it is read as far as it is needed.
        size: The number of operations in a batch, 1 to 200.
        dry_run: Whether to write nothing.

    Raises:
        ValueError: No batch has this size. Or an operation refers to one that is not
            before it, or too far from it to be in one batch; it is not sent, and
            neither is what comes after it.
        Problem: A batch was refused as a whole.
    """
    for batch in _batches(operations, size):
        yield from send(operations=batch, dry_run=dry_run)["data"]


async def in_batches_async(
    send: Callable[..., Awaitable[BatchResultPage]],
    operations: Iterable[Mapping[str, Any]],
    *,
    size: int = MOST,
    dry_run: bool = False,
) -> AsyncIterator[BatchResult]:
    """The same for the methods of `AsyncProspectConnect`."""
    for batch in _batches(operations, size):
        answer = await send(operations=batch, dry_run=dry_run)
        for result in answer["data"]:
            yield result


def _batches(
    operations: Iterable[Mapping[str, Any]], size: int
) -> Iterator[list[Mapping[str, Any]]]:
    if not 1 <= size <= MOST:
        raise ValueError(f"A batch has 1 to {MOST} operations, not {size!r:.20}.")
    rest, read, sent = iter(operations), list[Mapping[str, Any]](), 0
    while True:
        read += islice(rest, max(0, size - len(read)))
        if any(each.get("ref") for each in read):
            # The last of a batch may refer to its first: so far may one refer.
            read += islice(rest, max(0, 2 * size - 1 - len(read)))
        if not read:
            return
        length = length_of_next(read, size, sent)
        yield read[:length]
        del read[:length]
        sent += length
