"""What a webhook is told: the changes that it wants, as its maker may read them now."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from prospectconnect.crm.v1 import changes_pb2 as pb

from services.caller import Caller
from services.changes import order
from services.changes.order import Page, Position
from services.changes.selecting import EVERY, selected, selects
from services.changes.states import Moment
from services.changes.tellers import CHANGED, STATE, Tellers, moment_of
from services.clock import from_timestamp, rfc3339
from services.delivering.webhook import Delivery, Webhook
from services.errors import PermissionDenied, ValidationFailed
from services.kinds.own_fields import Schema
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.records.reading.states import State
from services.records.schemas import Schemas
from services.records.values.filter_json import filters_of

# So many changes of the feed are read at a time.
AT_ONCE = 100
LARGEST_BODY = 256 * 1024

# Writes a change as public JSON of a dated contract has it.
Render = Callable[[pb.Change, str], bytes]
# A change with its row of the log.
Change = tuple[pb.Change, Row]
# Who is told: a webhook, its maker, and what the maker's tenant has defined.
Reader = tuple[Webhook, Caller, Schema]


class Forbidden(Exception):
    """The maker may not read what the webhook sends."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change that a webhook wants, with the body of its request."""

    row: Row
    change: pb.Change
    body: bytes


class Telling:
    """Tells changes to webhooks; `every` are the records of all kinds."""

    def __init__(
        self,
        database: Database,
        every: Mapping[str, Records[Any]],
        schemas: Schemas,
        render: Render,
    ) -> None:
        self._database, self._schemas, self._render = database, schemas, render
        self._tellers = Tellers(database, every)

    @property
    def unjudged(self) -> int:
        """How many changes were told because filters could not judge them."""
        return self._tellers.unjudged

    async def page(
        self, webhook: Webhook, caller: Caller, position: Position
    ) -> tuple[list[Told], Page]:
        """The next changes of the feed that a webhook wants. Raises `Forbidden`."""
        schema = await self._schemas.of(caller)
        objects = self._objects(webhook, caller, schema)
        page = await order.read_page(
            self._database, webhook.business_id, position, objects, AT_ONCE
        )
        is_open = partial(self._tellers.readers.is_open_to, caller)
        rows = [r for r in page.rows if r["at"] >= position.since and is_open(r)]
        changes = await self._changes(webhook, rows, has_merges=page.has_merges)
        told = [each for each in changes if selects(webhook.types, each[0].type)]
        reader, states = (webhook, caller, schema), dict[Moment, State]()
        if told and (STATE in webhook.include or webhook.filters):
            ids = {row["record_id"] for _, row in told}
            whole = [row for row in page.rows if row["record_id"] in ids]
            states = await self._tellers.states.after(webhook.business_id, whole)
        if webhook.filters:
            rows = [row for _, row in told]
            fits = await self._fits(reader, rows, states)
            told = [each for each in told if moment_of(each[1]) in fits]
        return [self._told(reader, each, states) for each in told], page

    async def fitting(
        self, webhook: Webhook, caller: Caller, rows: Sequence[Row], page: Page
    ) -> list[Row]:
        """The changes of a page that a webhook's filters let through.

        Raises `Forbidden`.
        """
        if not (webhook.filters and rows):
            return list(rows)
        ids = {row["record_id"] for row in rows}
        whole = [row for row in page.rows if row["record_id"] in ids]
        states = await self._tellers.states.after(webhook.business_id, whole)
        reader = webhook, caller, await self._schemas.of(caller)
        fits = await self._fits(reader, rows, states)
        return [row for row in rows if moment_of(row) in fits]

    async def _fits(
        self, reader: Reader, rows: Sequence[Row], states: Mapping[Moment, State]
    ) -> set[Moment]:
        """The changes whose states fulfil the filters of a webhook."""
        webhook, caller, schema = reader
        types = selected(webhook.types, self._tellers.readers.of_type)
        of_type = self._tellers.readers.of_type
        (table,) = {of_type[each].table for each in types}
        filters = filters_of(webhook.filters)
        try:
            judge = self._tellers.judge(table, filters, schema, caller)
        except ValidationFailed as refused:  # a field has gone, or is masked by now
            raise Forbidden from refused
        return await self._tellers.fitting(judge, rows, states)

    async def bodies(
        self, webhook: Webhook, caller: Caller, deliveries: Iterable[Delivery]
    ) -> None:
        """Makes the bodies of deliveries.

        They stay empty for changes that are gone, and for those that the webhook does
        not want any more or whose records its maker may not read. Raises `Forbidden`.
        """
        schema = await self._schemas.of(caller)
        granted = self._objects(webhook, caller, schema)
        given = {(each.record_id, each.change_at): each for each in deliveries}
        found = await order.rows_of(self._database, webhook.business_id, given)
        rows = list(found.values())
        changes = await self._changes(webhook, rows, has_merges=True)
        states: dict[Moment, State] = {}
        if STATE in webhook.include:
            of_rows = self._tellers.states
            for each in _without_holes(rows):
                states |= await of_rows.after(webhook.business_id, each)
        reader, moment = (webhook, caller, schema), time.monotonic()
        for change, row in changes:
            if row["object"] not in granted or not selects(webhook.types, change.type):
                continue
            if not self._tellers.readers.is_open_to(caller, row):
                continue
            delivery = given[moment_of(row)]
            delivery.body = self._told(reader, (change, row), states).body
            delivery.made_at = moment

    def _objects(self, webhook: Webhook, caller: Caller, schema: Schema) -> list[str]:
        """The types of records that a webhook is about. Raises `Forbidden`."""
        is_every = EVERY in webhook.types
        readers = self._tellers.readers
        types = [] if is_every else selected(webhook.types, readers.of_type)
        try:
            return readers.objects(caller, schema, (), types)
        except (PermissionDenied, ValidationFailed) as refused:
            raise Forbidden from refused

    async def _changes(
        self, webhook: Webhook, rows: Sequence[Row], *, has_merges: bool
    ) -> list[Change]:
        """The changes without their values."""
        tell = await self._tellers.telling(
            webhook.business_id, rows, has_merges=has_merges
        )
        return [(tell(row), row) for row in rows]

    def _told(
        self, reader: Reader, told: Change, states: Mapping[Moment, State]
    ) -> Told:
        (webhook, caller, schema), (change, row) = reader, told
        self._tellers.add_parts(told, webhook.include, states, (schema, caller))
        data = self._render(change, webhook.contract)
        if STATE not in webhook.include:
            data = _without_state(data)
        body = event(change, data)
        if len(body) > LARGEST_BODY:
            for part in (CHANGED, STATE):
                change.ClearField(part)  # type: ignore[arg-type]  # both are fields
            thin = _without_state(self._render(change, webhook.contract))
            body = event(change, thin, truncated=True)
        return Told(row, change, body)


def _without_state(data: bytes) -> bytes:
    """A change without its empty state: null would say that the record is deleted.

    What follows the state holds no free text, so the last one is the change's own.
    """
    before, _, after = data.rpartition(b'"state":null,')
    return before + after


def event(change: pb.Change, data: bytes, *, truncated: bool = False) -> bytes:
    """The body of a request, as Standard Webhooks has it."""
    head: dict[str, Any] = {
        "type": change.type,
        "timestamp": rfc3339(from_timestamp(change.at)),
    }
    if truncated:
        head |= {"truncated": True}
    return orjson.dumps(head)[:-1] + b',"data":' + data + b"}"


def _without_holes(rows: Iterable[Row]) -> list[list[Row]]:
    """Changes in groups: each record has one of them in a group."""
    groups: list[dict[str, Row]] = []
    for row in rows:
        for group in groups:
            if row["record_id"] not in group:
                group[row["record_id"]] = row
                break
        else:
            groups.append({row["record_id"]: row})
    return [list(each.values()) for each in groups]
