"""States of records as the log has them: values by the names of fields.

A state is what an image holds. Undoing the changes after a moment makes it the state of
that moment.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from services.kinds.formats import day
from services.kinds.record_type import FieldType
from services.records.compiled import CompiledKind
from services.records.log.changes import KEYED, OWN_TIME

State = dict[str, Any]


class States:
    """States of records of a kind whose changes are logged."""

    def __init__(self, compiled: CompiledKind[Any]) -> None:
        self._compiled = compiled
        fields = compiled.kind.fields
        self._readers = {f.name: _READERS[f.type] for f in fields if f.type in _READERS}
        keyed = (f for f in fields if f.type in KEYED)
        self._empty: State = {f.name: None if f.nullable else {} for f in keyed}

    def of(self, record: Any) -> State:
        """The state that a record is in."""
        compiled = self._compiled
        assert compiled.changes is not None  # noqa: S101 - by its kind
        image = compiled.changes.image(compiled.codec.values(record))
        return orjson.loads(orjson.dumps(image))  # type: ignore[no-any-return]  # an object

    def undo(self, state: State, was: Mapping[str, Any]) -> None:
        """Makes it the state before a change, by the values that were then."""
        for name, value in was.items():
            self.put(state, name, value)

    def put(self, state: State, name: str, value: Any) -> None:
        """Sets one value, as a change names it; None removes the key of a struct."""
        struct, dot, key = name.partition(".")
        if not dot or struct not in self._empty:
            state[name] = value
            return
        keys = {**(state.get(struct) or {}), key: value}
        if value is None:
            del keys[key]
        state[struct] = keys or self._empty[struct]

    def flat(self, state: State) -> State:
        """The same with each key of a struct by itself, as changes name them."""
        told = {n: v for n, v in state.items() if n not in self._empty}
        for name in self._empty:
            keys = state.get(name) or {}
            told |= {f"{name}.{key}": value for key, value in keys.items()}
        return told

    def record(self, state: State, business_id: str, at: int, version: int) -> Any:
        """The record in a state, since when it was, and its version."""
        columns = {**state, OWN_TIME: at}
        for name, read in self._readers.items():
            if columns.get(name) is not None:
                columns[name] = read(columns[name])
        names = (item.name for item in self._compiled.kind.fields)
        row: Any = (business_id, *(columns.get(name) for name in names), version)
        return self._compiled.codec.read(row, business_id)


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.DATE: day,
    FieldType.DECIMAL: Decimal,
}
