"""Stored answers of idempotency keys that hold what an erasure destroys.

A repeated request then gets the problem that the record is gone. Of a batch, only the
operations go that were about an erased record.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.protobuf.wrappers_pb2 import BytesValue, StringValue
from prospectconnect.crm.v1.batches_pb2 import BatchResponse
from prospectconnect.crm.v1.erasures_pb2 import Erasure

from services.gates.error_details import status_of
from services.postgres.database import Row, Transaction
from services.records.erasing import answers
from services.records.erasing.tombstones import gone_by

_TYPE_URL = "type.googleapis.com/"


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of a record that hold what is destroyed: from `first`, before `end`.

    `record` is its message. None stands for a version that is not known: the log may
    have forgotten it.
    """

    record: type[Message]
    first: int | None
    end: int | None

    def leave_out(self, version: int) -> bool:
        """Whether a version is known to hold nothing."""
        is_before = self.first is not None and version < self.first
        return is_before or (self.end is not None and version >= self.end)


@dataclass(frozen=True, slots=True)
class Erased:
    """The report on the record that is erased, and what answers may be about.

    `ids` are those of all records whose texts go, with its own. `since`: no answer from
    before is about any of them; nor one that is later than `until`, if it is given.
    `prefixes` are those of the ids of records. `versions`: no other one of the record
    with one of the `ids` holds anything.
    """

    report: Erasure
    ids: frozenset[str]
    since: int
    prefixes: Sequence[str]
    until: int | None = None
    versions: Versions | None = None

    def leaves(self, answer: bytes | None) -> bool:
        """Whether an answer is a version of the record that holds nothing."""
        if answer is None or self.versions is None:
            return False
        version = _version_in(answer, self.versions.record, self.ids)
        return version is not None and self.versions.leave_out(version)


async def destroy(transaction: Transaction, business_id: str, erased: Erased) -> int:
    """Destroys answers, and returns how many: each operation of a batch counts."""
    begins = [each.encode()[:4] for each in erased.prefixes]
    given = business_id, list(erased.ids), erased.since, begins, erased.until
    all_told = erased.versions is not None
    found = await transaction.rows(answers.FIND_SQL, *given, all_told)
    rows = [row for row in found if not erased.leaves(row[3])]
    replaced = [_replaced(row, erased) for row in rows]
    if rows:
        whose = zip(*((row[0], row[1], row[2]) for row in rows), strict=True)
        outcomes, erased_ids, _ = zip(*replaced, strict=True)
        values = (*whose, outcomes, erased_ids)
        await transaction.run(answers.REPLACE_SQL, business_id, *values)
    return sum(count for _, _, count in replaced)


async def destroy_of_files(
    transaction: Transaction, business_id: str, erased_id: str
) -> int:
    """Destroys answers that are imports, exports, or their jobs; returns how many."""
    row = await transaction.row(answers.OF_FILES_SQL, business_id, erased_id)
    return 0 if row is None else int(row[0])


def _replaced(row: Row, erased: Erased) -> tuple[bytes, str | None, int]:
    """What is stored instead, for which erased record, and how many answers went."""
    batch = None if row[3] is None else _batch(row[3])
    if batch is None:
        return b"", erased.report.id, 1
    count, gone = 0, status_of(gone_by(erased.report))
    for result in batch.data:
        if not result.HasField("answer") or erased.leaves(result.answer.value):
            continue
        if _own_id(result.answer.value) in erased.ids:
            result.ClearField("ref")
            result.ClearField("answer")
            result.error.CopyFrom(gone)
            count += 1
    failed = sum(each.HasField("error") for each in batch.data)
    batch.meta.failed, batch.meta.succeeded = failed, len(batch.data) - failed
    return batch.SerializeToString(deterministic=True), None, count


def _batch(outcome: bytes) -> Any:
    """The answer of a batch, None if it is another one that has such a text."""
    try:
        batch: Any = BatchResponse.FromString(outcome)
    except DecodeError:
        return None
    is_batch = batch.data and all(
        each.answer.type_url.startswith(_TYPE_URL) or each.HasField("error")
        for each in batch.data
    )
    return batch if is_batch else None


def _own_id(answer: bytes) -> str:
    """The id of the record that an answer holds, or that of an upsert.

    The id is the first field of a record, which is the second of an upsert's answer.
    `Any` has a text first and bytes second, so it reads either.
    """
    read = AnyMessage.FromString(answer)
    return read.type_url or StringValue.FromString(read.value).value


def _version_in(
    answer: bytes, record: type[Message], ids: frozenset[str]
) -> int | None:
    """The version of the record with one of the ids that an answer holds, if any."""
    for part in _parts(answer):
        with suppress(DecodeError):
            held: Any = record.FromString(part)
            if held.id in ids and held.etag.isdecimal():
                return int(held.etag)
    return None


def _parts(answer: bytes) -> Iterator[bytes]:
    """An answer, and what its first two fields hold: one of the three is the record."""
    yield answer
    for message in (BytesValue, AnyMessage):
        with suppress(DecodeError):
            yield message.FromString(answer).value
