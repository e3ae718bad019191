"""The behaviour of a kind of record: what it adds to the engine, as functions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from services.caller import Caller
from services.faults import Fault
from services.past.fields import Past
from services.records.commands import Around, Command
from services.records.timeline import Event
from services.records.values.newest import Newest

M = TypeVar("M", bound=Message)


def _nothing(_: Message) -> None:
    pass


def _no_events(before: Message | None, after: Message) -> list[Event]:
    return []


def _nothing_around(
    _: Caller, before: Message | None, after: Message | None
) -> Around | None:
    return None


def _nothing_revived(_: Caller, record: Message) -> Sequence[Command]:
    return ()


def _as_told(_: Message, past: Past) -> Past:
    return past


def _nothing_changed(before: Message, after: Message) -> None:
    pass


def _no_faults(_: Message) -> list[Fault]:
    return []


def _no_methods(_: Any) -> object:
    return None


@dataclass(frozen=True, slots=True)
class Behaviour(Generic[M]):
    """How records of a kind differ from all others.

    `begin` sets the fields of a new record that only the server writes. `derive` sets
    the fields that follow from others, after each change. `changed` sets, after it, the
    fields of a changed record that follow from what it was before. `check` finds the
    faults of a whole new or changed record, with paths that begin with the resource.
    `events` returns the kind's own timeline events of a change; `before` is None for a
    new record. `around` returns further statements for the transaction of a change;
    `before` is None for a creation, `after` for a deletion; `newest` is a moment of new
    records that is kept beside a record which they refer to; then a creation has no
    statements around it. `prepare` takes the `Records` of the kind and
    runs before a search; None if nothing is to be prepared. `revived` returns the
    statements that compute a restored record's fields anew, which others set; they run
    once its links are back. `past` returns the moments of a new record that was made
    elsewhere, from those that an import tells, and sets what follows from them.
    `methods` takes the
    `Records` of the kind and returns an object with the methods of its service that are
    not standard, named as in the proto.
    """

    begin: Callable[[M], None] = _nothing
    derive: Callable[[M], None] = _nothing
    changed: Callable[[M, M], None] = _nothing_changed
    check: Callable[[M], list[Fault]] = _no_faults
    events: Callable[[M | None, M], list[Event]] = _no_events
    around: Callable[[Caller, M | None, M | None], Around | None] = _nothing_around
    newest: Newest | None = None
    prepare: Callable[[Any, Caller], Awaitable[None]] | None = None
    revived: Callable[[Caller, M], Sequence[Command]] = _nothing_revived
    past: Callable[[M, Past], Past] = _as_told
    methods: Callable[[Any], object] = _no_methods  # the engine imports this module
