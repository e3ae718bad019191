"""Filters that name merged records: their survivors are looked for in one statement.

Only a tenant that has merged records pays for it, and only for filters that give ids.
"""

from collections.abc import Iterable, Iterator

from prospectconnect.type.v1.search_pb2 import Filter

from services.ids import is_id
from services.kinds.record_type import Kinds
from services.postgres.database import Database
from services.records.many.merged import can_merge, led_to, survivors_of
from services.search.filter_values import MOST_VALUES


async def survivors_named(
    database: Database, business_id: str, filters: Iterable[Filter], kinds: Kinds
) -> dict[str, str]:
    """The survivors of the merged records that filters name, by the ids of these."""
    named = _ids(filters, kinds)
    return await survivors_of(database, business_id, named) if named else {}


async def merged_named(
    database: Database, business_id: str, filters: Iterable[Filter], kinds: Kinds
) -> dict[str, list[str]]:
    """The ids that lead to the records that filters name, by the ids of these.

    What was deleted before a merge still holds the id of the merged record.
    """
    named = _ids(filters, kinds)
    if not named:
        return {}
    led = await survivors_of(database, business_id, named)
    return await led_to(database, business_id, named.union(led.values()))


def _ids(filters: Iterable[Filter], kinds: Kinds) -> set[str]:
    """The ids that filters name, of records that can be merged."""
    prefixes = [k.policy.id_prefix for k in kinds.values() if can_merge(k)]
    named = {
        text
        for text in _texts(filters)
        if any(is_id(prefix, text) for prefix in prefixes)
    }
    # Of more the search is refused.
    return named if len(named) <= MOST_VALUES else set()


def _texts(filters: Iterable[Filter]) -> Iterator[str]:
    """The texts that conditions compare with."""
    waiting = list(filters)
    while waiting:
        item = waiting.pop()
        waiting += (*item.any, *item.all)
        if item.HasField("not"):
            waiting.append(getattr(item, "not"))
        yield item.value.string_value
        for value in item.values:
            yield value.string_value
