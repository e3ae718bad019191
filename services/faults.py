"""Faults: the broken rules of a request's fields, each with its path."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule; `field` is the path of the field in the request message.

    `holder` is the id of the record that has a value which may not be there twice, and
    `resource` its kind. Both are empty if the caller sees no such record.
    """

    field: str
    code: FaultCode.ValueType
    message: str
    holder: str = ""
    resource: str = ""


def no_field(name: str, use: str = "") -> str:
    """The message for a name that no field has, or none for a use."""
    return f"There is no field {name[:100]!r}{use and ' '}{use}."


# More faults would help nobody, and each costs time and memory.
MOST_FAULTS = 1_000

# A list that lacks altogether has an unreadable element among so many.
_ELEMENTS = 16

# So many explanations fit into the metadata of an answer.
MOST_EXPLAINED = 8


class TooManyFaults(Exception):
    """Raised when `MOST_FAULTS` faults were found."""


@dataclass(slots=True)
class Faults:
    """The faults found so far, at most `MOST_FAULTS`.

    `faulty` names the fields that the edge could not read. Further faults of theirs are
    not reported; in particular they do not count as missing. `codes` has the codes of
    all faults, also of those that are not reported. A rule that asks whether a value is
    good compares the length of `codes`, never that of `found`.

    `own` are the tenant's definitions of custom fields (`OwnFields`), if it has any.
    `updates`: the request changes a record. `kept` are the custom fields that the
    record had before, once they are known.
    """

    faulty: Container[str] = ()
    found: list[Fault] = field(default_factory=list)
    codes: list[FaultCode.ValueType] = field(default_factory=list)
    explained: int = 0
    own: Any = None
    updates: bool = False
    kept: Mapping[str, Any] | None = None

    def add(self, path: str, code: FaultCode.ValueType, message: str) -> None:
        """Adds a fault. It is reported unless the edge could not read the field.

        Raises TooManyFaults at the maximum.
        """
        self.codes.append(code)
        if path not in self.faulty:
            self.found.append(Fault(path, code, message))
        if len(self.codes) >= MOST_FAULTS:
            raise TooManyFaults

    def is_unreadable(self, path: str) -> bool:
        """Whether the edge could not read one of the first elements of a list."""
        return any(f"{path}[{index}]" in self.faulty for index in range(_ELEMENTS))

    def explain(self, path: str, code: FaultCode.ValueType, message: str) -> None:
        """Like `add`, but also reports the fault if the edge could not read the field.

        The edge then uses this message instead of its own, since it names the valid
        values. Explanations come first, so that no long list of faults cuts them off.
        """
        if path not in self.faulty:
            self.add(path, code, message)
            return
        self.codes.append(code)
        if self.explained < MOST_EXPLAINED:
            self.explained += 1
            self.found.insert(0, Fault(path, code, message))
