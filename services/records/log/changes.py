"""The changes of a record of one kind, as rows of the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_HISTORY

from services.kinds.custom_fields import Json
from services.kinds.formats import plain
from services.kinds.record_type import FieldType, RecordType

IMAGE_EVERY = 32

# What a change did.
CREATED, UPDATED, DELETED, RESTORED = 1, 2, 3, 4
# The last change of a record. Histories never tell it: the record is gone.
ERASED = 20

# Each change has a moment and a user itself.
OWN_TIME = "updated_at"
DELETED_AT = "deleted_at"

# The types of struct whose keys are told one by one.
KEYED = (FieldType.CUSTOM, FieldType.EXTERNAL)

Values = dict[str, Json]
# A column as (name, type), with its values before and after.
Difference = tuple[tuple[str, str], Any, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log, but for the record and for who made the change."""

    operation: int
    version: int
    at: int
    was: Values | None = None
    now: Values | None = None
    image: Values | None = None

    @property
    def parameters(self) -> tuple[Any, ...]:
        """Its values, in the order of the statement's parameters."""
        return self.version, self.at, self.was, self.now, self.image


def is_logged(kind: RecordType) -> bool:
    """Whether the changes of a kind's records are kept: they then have a history."""
    return STANDARD_METHOD_HISTORY not in kind.policy.without


def is_told(kind: RecordType) -> bool:
    """Whether the changes of a kind's records are told, logged by the engine or not."""
    return is_logged(kind) or kind.policy.told_to_maker


class Changes:
    """Describes the changes of records of a kind, from the values of their columns."""

    def __init__(self, kind: RecordType) -> None:
        self._names = tuple(item.name for item in kind.fields)
        self._keyed = frozenset(f.name for f in kind.fields if f.type in KEYED)
        exact = (f.name for f in kind.fields if f.type is FieldType.DECIMAL)
        self._exact = frozenset(exact)

    def created(self, values: Sequence[Any], moment: int) -> Change:
        """The creation of a record."""
        return Change(CREATED, 1, moment, image=self.image(values))

    def updated(
        self,
        differences: Iterable[Difference],
        values: Sequence[Any],
        version: int,
        moment: int,
    ) -> Change:
        """An update that made a `version`; `values` are all of the record after it."""
        was: Values = {}
        now: Values = {}
        for (name, _), old, new in differences:
            if name in self._keyed:
                _by_keys(name, old or {}, new or {}, was, now)
            elif name in self._exact:
                was[name], now[name] = _text(old), _text(new)
            elif name != OWN_TIME:
                was[name], now[name] = old, new
        image = None if version % IMAGE_EVERY else self.image(values)
        return Change(UPDATED, version, moment, was, now, image)

    def restored(self, change: Change, values: Sequence[Any], since: int) -> Change:
        """The same change as that of a record which was deleted `since` a moment.

        It has an image in any case: the deletion had none, whatever its version.
        """
        return replace(
            change,
            operation=RESTORED,
            was={**(change.was or {}), DELETED_AT: since},
            now={**(change.now or {}), DELETED_AT: None},
            image=self.image(values),
        )

    def image(self, values: Sequence[Any]) -> Values:
        """The whole of a record, from the values of its columns."""
        image = {
            name: value
            for name, value in zip(self._names, values, strict=True)
            if value is not None
        }
        del image[OWN_TIME]
        for name in self._exact:
            if name in image:
                image[name] = plain(image[name])
        return image


def deleted(version: int, moment: int) -> Change:
    """The deletion of a record."""
    return Change(DELETED, version, moment, {DELETED_AT: None}, {DELETED_AT: moment})


def _by_keys(name: str, old: Values, new: Values, was: Values, now: Values) -> None:
    """Tells which values of a struct differ."""
    for key in {**old, **new}:
        if (before := old.get(key)) != (after := new.get(key)):
            was[f"{name}.{key}"], now[f"{name}.{key}"] = before, after


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
