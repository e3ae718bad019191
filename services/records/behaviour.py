"""What a kind of record adds to the engine, as plain functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from services.caller import Caller
from services.records.commands import Around
from services.records.timeline import Event

M = TypeVar("M", bound=Message)


def _nothing(_: Message) -> None:
    pass


def _no_events(before: Message | None, after: Message) -> list[Event]:
    return []


def _nothing_around(
    _: Caller, before: Message | None, after: Message | None
) -> Around | None:
    return None


def _no_methods(_: Any) -> object:
    return None


@dataclass(frozen=True, slots=True)
class Behaviour(Generic[M]):
    """How records of a kind behave, where they differ from all others.

    `begin` sets the fields of a new record that the server alone writes. `derive` sets
    the fields that follow from others, after each change. `events` are what the
    timeline tells of a change, before what it tells of every record; `before` is None
    for a new record. `around` are statements that a change needs in its transaction;
    `before` or `after` is None where the record is not there. `methods` makes of the
    `Records` of the kind an object that answers the methods of its service which are
    not standard, named as in the proto.
    """

    begin: Callable[[M], None] = _nothing
    derive: Callable[[M], None] = _nothing
    events: Callable[[M | None, M], list[Event]] = _no_events
    around: Callable[[Caller, M | None, M | None], Around | None] = _nothing_around
    methods: Callable[[Any], object] = _no_methods  # the engine imports this module
