"""Runs for reports the other methods of the API, each with the gates that it has.

The services of reports are built before the methods that they run; `bind` closes the
circle.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import Message
from prospectconnect.type.v1.figures_pb2 import Aggregation, Figures

from services.account_records.running import AGGREGATE, GET, SEARCH, Place, Running
from services.caller import current_call
from services.errors import NotFound, PermissionDenied, ValidationFailed
from services.faults import Fault
from services.gates.turns import SEARCH as WEIGHT
from services.gates.turns import Turns
from services.kinds.objects import kind_named
from services.kinds.record_type import FieldType
from services.reporting.periods import TimeField

# As many ids as a search takes.
_AT_ONCE = 100


class ReportRuns:
    """What reports run. `turns` are those of the process, None to take none."""

    def __init__(self, turns: Turns | None) -> None:
        self._turns = turns
        self._running: Running | None = None

    def bind(self, running: Running) -> None:
        """Tells what runs the methods, once all of them are built."""
        self._running = running

    @property
    def _runs(self) -> Running:
        assert self._running is not None  # noqa: S101 - bound before any call
        return self._running

    async def aggregate(self, resource: str, aggregation: Aggregation) -> Figures:
        place, fields = self._place(resource), _fields(aggregation)
        return await self._runs.run(place, AGGREGATE, **fields)  # type: ignore[no-any-return]  # as the proto says

    async def faults_of(
        self, resource: str, aggregation: Aggregation
    ) -> Sequence[Fault]:
        place, fields = self._place(resource), _fields(aggregation)
        try:
            await self._runs.check(place, AGGREGATE, **fields)
        except ValidationFailed as refused:
            return refused.faults
        return ()

    async def names(self, ids: Iterable[str]) -> dict[str, str]:
        of_kind: dict[str, list[str]] = {}
        for each in ids:
            of_kind.setdefault(each.partition("_")[0], []).append(each)
        names: dict[str, str] = {}
        for sought in of_kind.values():
            try:
                place = await self._runs.place_of(sought[0])
                for first in range(0, len(sought), _AT_ONCE):
                    part = sought[first : first + _AT_ONCE]
                    names |= await self._runs.names_of(place, part)
            except (NotFound, PermissionDenied, ValidationFailed, AttributeError):
                continue  # no record has such ids, or a name, or none for the caller
        return names

    async def pipelines(self) -> Sequence[Message]:
        place = Place(self._runs.kinds["pipeline"])
        try:
            found = await self._runs.run(place, SEARCH, limit=_AT_ONCE)
        except PermissionDenied:
            return ()
        return list(found.data)

    def time_of(self, resource: str, aggregation: Aggregation) -> TimeField:
        by_name = self._place(resource).kind.by_name
        for each in aggregation.group_by:
            item = by_name.get(each.field)
            if each.interval and item is not None:
                return TimeField(item.name, item.type is FieldType.DATE)
        return TimeField()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        if self._turns is None:
            yield
            return
        tenant = current_call().caller.business_id
        if not self._turns.begin(tenant, WEIGHT):
            await self._turns.wait(tenant, WEIGHT)
        try:
            yield
        finally:
            self._turns.end(tenant, WEIGHT)

    async def report(self, report_id: str) -> Any:
        place = await self._runs.place_of(report_id)
        if place.kind.resource != "report":
            raise NotFound
        return await self._runs.run(place, GET, id=report_id)

    def _place(self, resource: str) -> Place:
        kind = kind_named(self._runs.kinds, resource)
        if self._runs.permission_of(kind, AGGREGATE) is None:
            raise NotFound
        return Place(kind, resource if kind.object_field else "")


def _fields(aggregation: Aggregation) -> dict[str, Any]:
    """The fields of an aggregation, by the names that its requests have them."""
    return {item.name: value for item, value in aggregation.ListFields()}
