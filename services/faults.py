"""Faults: the broken rules of a request's fields, each with its path."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule; `field` is the path of the field in the request message."""

    field: str
    code: FaultCode.ValueType
    message: str


# More faults would help nobody, and each costs time and memory.
MOST_FAULTS = 1_000


class TooManyFaults(Exception):
    """Raised when `MOST_FAULTS` faults were found."""


@dataclass(slots=True)
class Faults:
    """The faults found so far, at most `MOST_FAULTS`.

    `faulty` names the fields that the edge could not read. They get no further faults;
    in particular they do not count as missing. `own` are the tenant's definitions of
    custom fields (`OwnFields`), if it has any. `updates`: the request changes a record.
    `kept` are the custom fields that the record had before, once they are known.
    """

    faulty: Container[str] = ()
    found: list[Fault] = field(default_factory=list)
    own: Any = None
    updates: bool = False
    kept: Mapping[str, Any] | None = None

    def add(self, path: str, code: FaultCode.ValueType, message: str) -> None:
        """Adds a fault, unless the edge could not read the field.

        Raises TooManyFaults at the maximum.
        """
        if path in self.faulty:
            return
        self.found.append(Fault(path, code, message))
        if len(self.found) >= MOST_FAULTS:
            raise TooManyFaults
