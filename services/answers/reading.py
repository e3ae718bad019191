"""Reads that ask for more or less than whole records: fields, ids and expansions.

Records that come along are masked here, since an answer holds them as bytes, into which
the gate of masked answers does not look.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.message_factory import GetMessageClass
from prospectconnect.type.v1 import expansions_pb2 as pb

from services.answers.asked import Asked, Link, Listed
from services.answers.finding import associated, rows_of, sent
from services.caller import Call, Caller
from services.ids import is_id
from services.kinds.own_fields import NO_SCHEMA, Schema
from services.kinds.record_type import RecordType
from services.kinds.sensitive import fields_of, mask
from services.postgres.database import Row
from services.records import own_checks
from services.records.engine import Records
from services.records.erasing.tombstones import missing
from services.records.many.merged import can_merge, survivors_of
from services.records.rows import page_of
from services.search.searches import Searches

# The records of each kind, by resource.
Every = Mapping[str, Records[Any]]

# The ids in a record: its own, and those of what comes along.
Looked = Row | Mapping[str, Any]


async def by_ids(
    records: Records[Any], call: Call, ids: Collection[str], *, again: bool = True
) -> dict[str, Any]:
    """The records that the caller sees, by their ids, with the fields asked for.

    The id of a merged record leads to its survivor. It may be back between the two
    looks, as a merge is undone: what is not found is looked for `again`. What the
    token said of merges does not count: the first one may be newer.
    """
    asked, tenant = call.asked, call.caller.business_id
    own = await records.own_of(call)
    reader = asked.reader or records.codec
    prefix = records.kind.policy.id_prefix
    sought = [each for each in dict.fromkeys(ids) if is_id(prefix, each)]
    rows = await rows_of(records, reader.columns, call.caller, sought, call.object)
    found = {each.id: each for each in (reader.read(row, tenant) for row in rows)}
    if own.hidden:
        own_checks.hide(own, found.values())
    lost = {*ids}.difference(found)
    if lost and can_merge(records.kind):
        led = await survivors_of(records.database, tenant, lost)
        if led:
            survivors = await by_ids(records, call, led.values())
            found |= {
                old: survivors[new] for old, new in led.items() if new in survivors
            }
        lost -= found.keys()
        if again and lost:
            found |= await by_ids(records, call, lost, again=False)
    return found


class Answers:
    """The reads of one kind of record that ask for something."""

    def __init__(self, records: Records[Any], searches: Searches, every: Every) -> None:
        self._records = records
        self._searches = searches
        self._every = every

    async def get(self, call: Call, record_id: str) -> Any:
        """One record. Raises `NotFound` if the caller sees no such record."""
        found = await by_ids(self._records, call, (record_id,))
        record = found.get(record_id)
        if record is None:
            where = self._records.database, self._records.kind, call.caller
            raise await missing(*where, record_id)
        return await self.expand(call, record, _looked_at(call.asked, (record,)))

    async def search(self, call: Call, request: Any, response: Any) -> Any:
        """A page of what the request asks for, as a `response` message."""
        if request.ids or request.by_ids:
            answer = response()
            found = await by_ids(self._records, call, request.ids)
            for place, each in enumerate(request.ids):
                if each in found:
                    answer.data.append(found[each])
                else:
                    answer.missing.append(place)
            answer.meta.cursor.has_more = False
            if request.include_total:
                answer.meta.total = len(found)
            return await self.expand(call, answer, _looked_at(call.asked, answer.data))
        answer = await self._searches.search(call, request, response)
        if call.asked.stands_alone:
            return answer
        return await self.expand(call, answer, answer.rows)

    async def expand(self, call: Call, answer: Any, rows: Sequence[Looked]) -> Any:
        """An answer with what the records in it lead to; `rows` tell what they name."""
        asked: Asked = call.asked
        if asked.stands_alone or not rows:
            return answer
        caller = call.caller
        schema = await self._records.schema_of(caller)
        reached: dict[str, Sequence[Looked]] = {"": rows}
        for link in asked.links:
            field = link.field
            leads = {row["id"]: row[field] for row in reached[link.parent]}
            made = answer.expanded.add(path=link.path)
            reached[link.path] = await self._link(made, caller, schema, link, leads)
        for listed in asked.lists:
            made = answer.expanded.add(path=listed.path, is_list=True)
            ids = list(dict.fromkeys(row["id"] for row in rows))
            await self._list(made, caller, schema, listed, ids)
        return answer

    async def _link(
        self,
        made: pb.Expansion,
        caller: Caller,
        schema: Schema,
        link: Link,
        leads: Mapping[str, str | None],
    ) -> list[Row]:
        """The records that `leads` names for the ids of others, told with these."""
        kind = link.kind
        if not may_read(caller, kind):
            return []
        records = self._every[kind.resource]
        wanted = {each for each in leads.values() if each}
        rows = await rows_of(records, sent(records, link.further), caller, wanted)
        if kind.object_field:  # of archived objects there are no records to be seen
            rows = [row for row in rows if row[kind.object_field] in schema.custom]
        ids = [row["id"] for row in rows]
        _hold(made, records, caller, schema, rows, ids)
        seen = set(ids)
        led = {start: end for start, end in leads.items() if end and end in seen}
        made.from_ids.extend(led)
        made.to_ids.extend(led.values())
        return rows

    async def _list(
        self,
        made: pb.Expansion,
        caller: Caller,
        schema: Schema,
        listed: Listed,
        ids: Sequence[str],
    ) -> None:
        """The records that some records are associated with."""
        kind = listed.other.kind
        if not may_read(caller, kind):
            return
        records = self._every[kind.resource]
        found: dict[str, Row] = {}
        led, leads = Counter[str](), dict[str, int]()
        for row in await associated(records, listed, caller, ids):
            start = row["led_from"]
            led[start] += 1
            leads[start] = row["leads"]
            found[row["id"]] = row
            made.from_ids.append(start)
            made.to_ids.append(row["id"])
        made.more_ids.extend(
            start for start, all_of in leads.items() if all_of > led[start]
        )
        _hold(made, records, caller, schema, list(found.values()), list(found))


def _looked_at(asked: Asked, records: Iterable[Any]) -> list[Mapping[str, Any]]:
    """What records name that comes along."""
    names = asked.looked_at
    return [{name: getattr(each, name) for name in names} for each in records]


def may_read(caller: Caller, kind: RecordType) -> bool:
    """Whether both scopes and role grant to read records of a kind."""
    policy = kind.policy
    resource = policy.permission_resource or policy.resource
    return policy.any_token or caller.may(f"{resource}.read")


def _hold(
    made: pb.Expansion,
    records: Records[Any],
    caller: Caller,
    schema: Schema,
    rows: list[Row],
    ids: list[str],
) -> None:
    """Puts records with these ids into an expansion as answers show them.

    They are parsed only where a field of theirs is archived or masked.
    """
    kind = records.kind
    descriptor = page_of(kind)
    packed = records.codec.sent.pack(rows, caller.business_id)
    if schema is not NO_SCHEMA and records.compiled.has_custom_fields:
        objects = {row[kind.object_field] for row in rows} if kind.object_field else ()
        known = {n: fields_of(schema, n, caller) for n in objects or (kind.table,)}
        if any(own.hidden or own.masked for own in known.values()):
            page: Any = GetMessageClass(descriptor).FromString(packed)
            for record in page.data:
                own = known[kind.object_of(record)]
                own_checks.hide(own, (record,))
                if own.masked:
                    mask(own, (record,))
            packed = page.SerializeToString()
    made.page.type_url = f"type.googleapis.com/{descriptor.full_name}"
    made.page.value = packed
    made.record_ids.extend(ids)
