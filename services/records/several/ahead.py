"""What several requests will look for, read ahead of them by few statements.

The requests run one after the other in the transaction that read it. What one of them
changes is forgotten, so the next one reads it anew. A write checks the version of its
record in any case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.caller import Caller
from services.records.engine import Records
from services.records.several.many import load_many


@dataclass(slots=True)
class Ahead:
    """The records that have unique values, by key and value, and records by their ids.

    A value that was looked for and that no record has is in `sought` alone.
    """

    sought: frozenset[tuple[str, str]] = frozenset()
    holders: dict[tuple[str, str], str] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)

    def take(self, record_id: str) -> Any:
        """A record that was read ahead; None if it was not, or was taken before."""
        return self.records.pop(record_id, None)


async def look_ahead(
    records: Records[Any],
    caller: Caller,
    its: str,
    pairs: Sequence[tuple[str, str]],
    ids: Iterable[str] = (),
) -> Ahead:
    """Reads the records that have values, and those with ids, as the caller sees them.

    `its` is the slug of a custom object, "" for records of a built-in type.
    """
    holders = dict[tuple[str, str], str]()
    if pairs:
        unique, slug = records.compiled.unique, its or records.kind.table
        holders = await unique.held(records.database, caller, pairs, slug)
    wanted = [*ids, *(each for each in holders.values() if each)]
    found = dict(await load_many(records, caller, wanted, its)) if wanted else {}
    return Ahead(frozenset(pairs), holders, found)
