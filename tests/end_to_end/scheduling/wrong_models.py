"""Models of bookings with a planted fault, which the lives of bookings must notice."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.end_to_end.scheduling import model

Patch = pytest.MonkeyPatch


def freed(patch: Patch) -> None:
    """The time of cancelled meetings stays taken."""
    patch.setattr(model, "TAKES_TIME", ("pending", "confirmed", "cancelled"))


def counted(patch: Patch) -> None:
    """Cancelled meetings fill days."""
    patch.setattr(model, "COUNTS", (*model.COUNTS, "cancelled", "declined"))


def unkept(patch: Patch) -> None:
    """A hold keeps nothing from others."""
    takers = model.Model.takers

    def booked(self: Any) -> Any:
        return [each for each in takers(self) if isinstance(each, model.Booked)]

    patch.setattr(model.Model, "takers", booked)


def turns(patch: Patch) -> None:
    """The first host who is free holds each meeting."""
    choose = model.Model.choose

    def first(self: Any, kind: str, start: int, long: int, its: Any) -> int:
        choose(self, kind, start, long, its)
        return int(self.free(kind, start, long, its)[0])

    patch.setattr(model.Model, "choose", first)


PLANT: Mapping[str, Callable[[Patch], None]] = MappingProxyType(
    {each.__name__: each for each in (freed, counted, unkept, turns)}
)
