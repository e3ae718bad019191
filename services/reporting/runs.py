"""What reports need of the other methods of the API."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from google.protobuf.message import Message
from prospectconnect.reporting.v1.reports_pb2 import Report
from prospectconnect.type.v1.figures_pb2 import Aggregation, Figures

from services.faults import Fault
from services.reporting.periods import TimeField


class Runs(Protocol):
    """Runs other methods as the current caller, each with its gates."""

    async def aggregate(self, resource: str, aggregation: Aggregation) -> Figures:
        """Makes figures of the records of a type.

        Raises `NotFound` if there is no such type, and what the method itself raises.
        """

    async def faults_of(
        self, resource: str, aggregation: Aggregation
    ) -> Sequence[Fault]:
        """What the method would find wrong with a request. Raises `NotFound`."""

    async def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of those records that the caller sees, by their ids."""

    async def pipelines(self) -> Sequence[Message]:
        """The pipelines with their stages. Empty if the caller may not read them."""

    def time_of(self, resource: str, aggregation: Aggregation) -> TimeField:
        """The field by which a period asks for the records of a report."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Waits for a turn of the caller's tenant, and has it."""

    async def report(self, report_id: str) -> Report:
        """A report that the caller sees. Raises `NotFound`."""
