"""Reads that ask for more or less than whole records: fields, ids and expansions.

Records that come along are masked here, since an answer holds them as bytes, into which
the gate of masked answers does not look.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prospectconnect.type.v1 import expansions_pb2 as pb

from services.answers.asked import Asked, Link, Listed
from services.answers.finding import (
    MOST_LISTED,
    associated,
    by_ids,
    of_live_objects,
)
from services.caller import Call, Caller
from services.errors import NotFound
from services.kinds.own_fields import NO_SCHEMA, Schema
from services.kinds.record_type import RecordType
from services.kinds.sensitive import fields_of, mask
from services.records import own_checks
from services.records.engine import Records
from services.search.searches import Searches

# The records of each kind, by resource.
Every = Mapping[str, Records[Any]]


class Answers:
    """The reads of one kind of record that ask for something."""

    def __init__(self, records: Records[Any], searches: Searches, every: Every) -> None:
        self._records = records
        self._searches = searches
        self._every = every

    async def get(self, call: Call, record_id: str) -> Any:
        """One record. Raises `NotFound` if the caller sees no such record."""
        found = await self._by_ids(call, (record_id,))
        record = found.get(record_id)
        if record is None:
            raise NotFound
        return await self._with_expansions(call, record, (record,))

    async def search(self, call: Call, request: Any, response: Any) -> Any:
        """A page of what the request asks for, as a `response` message."""
        if request.ids:
            answer = response()
            found = await self._by_ids(call, request.ids)
            for place, each in enumerate(request.ids):
                if each in found:
                    answer.data.append(found[each])
                else:
                    answer.missing.append(place)
            answer.meta.cursor.has_more = False
            if request.include_total:
                answer.meta.total = len(found)
        else:
            answer = await self._searches.search(call, request, response)
        return await self._with_expansions(call, answer, answer.data)

    async def _by_ids(self, call: Call, ids: Iterable[str]) -> dict[str, Any]:
        records, asked = self._records, call.asked
        own = await records.own_of(call)
        reader = asked.reader or records.codec
        found = await by_ids(records, reader, call.caller, ids, call.object)
        if own.hidden:
            own_checks.hide(own, found.values())
        return found

    async def _with_expansions(
        self, call: Call, answer: Any, records: Sequence[Any]
    ) -> Any:
        """An answer with what the records in it lead to."""
        asked: Asked = call.asked
        if not (asked.links or asked.lists) or not records:
            return answer
        caller = call.caller
        schema = await self._records.schema_of(caller)
        reached: dict[str, Sequence[Any]] = {"": records}
        for link in asked.links:
            made, found = await self._link(caller, schema, link, reached[link.parent])
            reached[link.path] = found
            answer.expanded.append(made)
        ids = list(dict.fromkeys(record.id for record in records))
        for listed in asked.lists:
            answer.expanded.append(await self._list(caller, schema, listed, ids))
        return answer

    async def _link(
        self, caller: Caller, schema: Schema, link: Link, parents: Sequence[Any]
    ) -> tuple[pb.Expansion, Sequence[Any]]:
        """The records that some records lead to by a field."""
        made = pb.Expansion(path=link.path)
        leads = {each.id: getattr(each, link.field) for each in parents}
        if not _may_read(caller, link.kind):
            return made, ()
        records = self._every[link.kind.resource]
        found = await by_ids(records, records.codec, caller, leads.values())
        found = of_live_objects(link.kind, found, schema)
        for record_id, to in leads.items():
            if to in found:
                made.leads.add(id=record_id, to=(to,))
        _hold(made, _shown(caller, schema, link.kind, found.values()))
        return made, tuple(found.values())

    async def _list(
        self, caller: Caller, schema: Schema, listed: Listed, ids: Sequence[str]
    ) -> pb.Expansion:
        """The records that some records are associated with."""
        made, kind = pb.Expansion(path=listed.path, is_list=True), listed.other.kind
        if not _may_read(caller, kind):
            return made
        records = self._every[kind.resource]
        found = await associated(records, listed, caller, ids)
        held: dict[str, Any] = {}
        for record_id, others in found.items():
            shown = others[:MOST_LISTED]
            held |= {each.id: each for each in shown}
            to = [each.id for each in shown]
            made.leads.add(id=record_id, to=to, has_more=len(others) > MOST_LISTED)
        _hold(made, _shown(caller, schema, kind, held.values()))
        return made


def _may_read(caller: Caller, kind: RecordType) -> bool:
    """Whether both scopes and role grant to read records of a kind."""
    policy = kind.policy
    resource = policy.permission_resource or policy.resource
    return policy.any_token or caller.may(f"{resource}.read")


def _shown(
    caller: Caller, schema: Schema, kind: RecordType, records: Iterable[Any]
) -> list[Any]:
    """Records as answers show them: without archived fields, and masked."""
    shown = list(records)
    if schema is NO_SCHEMA or not kind.by_name.get("custom_fields"):
        return shown
    for record in shown:
        own = fields_of(schema, kind.object_of(record), caller)
        if own.hidden:
            own_checks.hide(own, (record,))
        if own.masked:
            mask(own, (record,))
    return shown


def _hold(made: pb.Expansion, records: Iterable[Any]) -> None:
    """Puts records into an expansion."""
    for record in records:
        held = made.records.add(id=record.id)
        held.record.Pack(record, deterministic=True)
