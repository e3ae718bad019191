"""Finds those of several drafts whose unique values other records have.

A few queries tell it for all, so no statement has to fail for each draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.caller import Call, Caller
from services.errors import ServiceError, ValidationFailed
from services.faults import Fault
from services.postgres.database import Database
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.several.many import Draft
from services.records.values.unique_values import Holder

_HELD_DIGESTS = (
    "SELECT v.key, v.digest FROM unnest($3::text[], $4::bytea[]) AS g (key, digest)"
    " JOIN typed_values AS v ON v.business_id = $1 AND v.object = $2"
    " AND v.key = g.key AND v.digest = g.digest"
)

# A unique value of a record, or the digest of a field's unique value, by its key.
Value = tuple[str, str | bytes]


@dataclass(frozen=True, slots=True)
class SortedOut:
    """Which drafts cannot be inserted together with the others, by their places.

    `held`: other records have their values, with the faults. A draft without faults
    has to be tried alone. `repeating`: a draft before has a value of theirs.
    """

    held: Mapping[int, Sequence[Fault]]
    repeating: frozenset[int]


async def sort_out(
    database: Database,
    kind: CompiledKind[Any],
    caller: Caller,
    drafts: Sequence[Draft],
) -> SortedOut:
    """Looks for the unique values of drafts of records of one type."""
    its = kind.kind.object_of(drafts[0].record)
    taken = [sorted(each.companions.unique.taken) for each in drafts]
    digests = [_digests(each) for each in drafts]
    holders = dict[tuple[str, str], str]()
    if pairs := sorted({pair for each in taken for pair in each}):
        holders = await kind.unique.held(database, caller, pairs, its)
    known = await _held_digests(database, caller, its, digests)
    held, repeating, seen = dict[int, Sequence[Fault]](), set[int](), set[Value]()
    for index, (pairs, others) in enumerate(zip(taken, digests, strict=True)):
        values: set[Value] = {*pairs, *others}
        found = [Holder(each[0], holders[each]) for each in pairs if each in holders]
        if found or not known.isdisjoint(others):
            # Which of two constraints speaks first is for the database to say.
            held[index] = () if others else kind.unique.faults(found)
            continue
        if not seen.isdisjoint(values):
            repeating.add(index)
        seen |= values
    return SortedOut(held, frozenset(repeating))


async def refusal(
    records: Records[Any], call: Call, draft: Draft, faults: Sequence[Fault]
) -> ServiceError:
    """What a single request says: of references that lead nowhere first."""
    if references := draft.companions.references:
        try:
            await records.refuse(call, references)
        except ServiceError as error:
            return error
    return ValidationFailed(list(faults))


def _digests(draft: Draft) -> list[tuple[str, bytes]]:
    own = draft.companions.own
    written = own.written if own is not None else ()
    return [(key, each.digest) for key, each in written if each.digest]


async def _held_digests(
    database: Database,
    caller: Caller,
    its: str,
    digests: Sequence[Sequence[tuple[str, bytes]]],
) -> set[tuple[str, bytes]]:
    sought = sorted({pair for each in digests for pair in each})
    if not sought:
        return set()
    columns = [key for key, _ in sought], [digest for _, digest in sought]
    rows = await database.rows(_HELD_DIGESTS, caller.business_id, its, *columns)
    return {(row["key"], row["digest"]) for row in rows}
