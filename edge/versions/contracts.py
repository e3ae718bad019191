"""The chain of contracts, and the Version gate that picks one for a request."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from edge.problems import ProblemError
from edge.transcoder.routes import Route

JsonObject = dict[str, Any]
Transform = Callable[[Route, JsonObject], JsonObject]
_Day = date  # a contract has a field of that name

# Of a request or an answer, the most that an example names.
MOST_MEMBERS = 8

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


_EPOCH_DAY = date(1970, 1, 1).toordinal()


def _today() -> int:
    return _EPOCH_DAY + int(time.time()) // 86_400


@dataclass(frozen=True, slots=True)
class Change:
    """What a date changed, as transforms on JSON objects.

    `upgrade_request` makes a request of the contract before into one of this;
    `downgrade_response` makes an answer of this into one of the contract before, and
    `downgrade_document` the OpenAPI document. None of them alters the object that it
    gets; None where there is nothing to do.
    """

    date: date
    upgrade_request: Transform | None = None
    downgrade_response: Transform | None = None
    downgrade_document: Callable[[JsonObject], JsonObject] | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """That a contract is to end: since when it is deprecated, when it goes."""

    deprecated: datetime
    sunset: datetime | None = None
    # Where clients read about it.
    link: str | None = None


@dataclass(slots=True)
class Touched:
    """What newer contracts change of a call: by the first of them, and which members.

    `day` is None while nothing is changed.
    """

    day: date | None = None
    members: tuple[str, ...] = ()

    def note(self, day: date, before: JsonObject, after: JsonObject) -> None:
        """Notes what the change of a contract has made of a request or an answer."""
        if before is after or (self.day is not None and self.day <= day):
            return
        names = before.keys() | after.keys()
        found = [e for e in sorted(names) if before.get(e, ...) != after.get(e, ...)]
        if found:
            self.day, self.members = day, tuple(found[:MOST_MEMBERS])


@dataclass(frozen=True, slots=True)
class Contract:
    """One dated contract, with all changes since it.

    `upgraded_by` and `downgraded_by` are the dates of the contracts that bring the
    transforms. `is_old`: there are changes since it.
    """

    date: date
    upgrades: tuple[Transform, ...]
    downgrades: tuple[Transform, ...]
    # `Version`, what every answer has, and what an ending contract answers with.
    headers: Mapping[str, str] = field(default_factory=dict)
    upgraded_by: tuple[_Day, ...] = ()
    downgraded_by: tuple[_Day, ...] = ()
    is_old: bool = False

    def upgrade(
        self, route: Route, body: JsonObject, touched: Touched | None = None
    ) -> JsonObject:
        """A request of this contract as one of the newest."""
        if touched is None:
            for transform in self.upgrades:
                body = transform(route, body)
            return body
        for transform, day in zip(self.upgrades, self.upgraded_by, strict=True):
            before, body = body, transform(route, body)
            touched.note(day, before, body)
        return body

    def downgrade(
        self, route: Route, body: JsonObject, touched: Touched | None = None
    ) -> JsonObject:
        """An answer of the newest contract as one of this."""
        if touched is None:
            for transform in self.downgrades:
                body = transform(route, body)
            return body
        for transform, day in zip(self.downgrades, self.downgraded_by, strict=True):
            before, body = body, transform(route, body)
            touched.note(day, body, before)
        return body


class Contracts:
    """All contracts, oldest first."""

    def __init__(
        self,
        changes: Sequence[Change],
        endings: Mapping[date, Ending] = MappingProxyType({}),
        today: Callable[[], int] = _today,
        always: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Builds the chain.

        Args:
            changes: One for each contract, oldest first.
            endings: By the date of a contract, that it is to end.
            today: The day in UTC, as `date.toordinal` counts.
            always: Headers of every answer, under any contract.
        """
        self._today = today
        self._contracts = tuple(
            _contract(
                changes, index, {**always, **_ending_headers(endings.get(change.date))}
            )
            for index, change in enumerate(changes)
        )
        self._dates = ", ".join(str(contract.date) for contract in self._contracts)
        # A client sends the same few dates for years.
        self._read = lru_cache(maxsize=1024)(self._find)

    @property
    def newest(self) -> Contract:
        """The newest contract."""
        return self._contracts[-1]

    def of(self, headers: list[str]) -> Contract:
        """The contract that the one `Version` header asks for.

        Raises:
            ProblemError: BAD_REQUEST; the detail names the contracts that exist.
        """
        if len(headers) != 1:
            many = "must be given once" if headers else "is required"
            raise self._refuse(f"The Version header {many}.")
        day, contract = self._read(headers[0].strip(" \t"))
        if day > (today := self._today()):
            told = f"today is {date.fromordinal(today)} in UTC"
            raise self._refuse(f"Version is a date in the future; {told}.")
        return contract

    def _find(self, text: str) -> tuple[int, Contract]:
        try:
            if not _DATE.fullmatch(text):
                raise ValueError
            day = date.fromisoformat(text)
        except ValueError:
            raise self._refuse("Version must be a date YYYY-MM-DD.") from None
        for contract in reversed(self._contracts):
            if contract.date <= day:
                return day.toordinal(), contract
        raise self._refuse("Version is a date before the first contract.")

    def _refuse(self, detail: str) -> ProblemError:
        return ProblemError(
            "BAD_REQUEST", f"{detail} The contracts are: {self._dates}."
        )


def _contract(
    changes: Sequence[Change], index: int, headers: Mapping[str, str]
) -> Contract:
    since = changes[index + 1 :]
    up = [(e.date, e.upgrade_request) for e in since if e.upgrade_request]
    down = [(e.date, e.downgrade_response) for e in since if e.downgrade_response]
    return Contract(
        date=changes[index].date,
        upgrades=tuple(transform for _, transform in up),
        downgrades=tuple(transform for _, transform in reversed(down)),
        upgraded_by=tuple(day for day, _ in up),
        downgraded_by=tuple(day for day, _ in reversed(down)),
        is_old=bool(up or down),
        headers={"Version": str(changes[index].date), **headers},
    )


def _ending_headers(ending: Ending | None) -> dict[str, str]:
    """RFC 9745 for the deprecation, RFC 8594 for the sunset."""
    if ending is None:
        return {}
    headers = {"Deprecation": f"@{int(ending.deprecated.timestamp())}"}
    if ending.sunset:
        utc = ending.sunset.astimezone(UTC)
        headers["Sunset"] = format_datetime(utc, usegmt=True)
    if ending.link:
        headers["Link"] = f'<{ending.link}>; rel="deprecation"; type="text/html"'
    return headers
