"""Faults: what is wrong with the fields of a request, each with its path."""

from collections.abc import Container
from dataclasses import dataclass, field

from prospectconnect.type.v1.errors_pb2 import FaultCode


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; `field` is its path in the request message."""

    field: str
    code: FaultCode.ValueType
    message: str


# Beyond so many nobody reads on, and each costs time and memory.
MOST_FAULTS = 1_000


class TooManyFaults(Exception):
    """There are as many faults as are looked for."""


@dataclass(slots=True)
class Faults:
    """The faults found so far, `MOST_FAULTS` at most.

    `faulty` names the fields that the edge could not read: they are not missing,
    and nothing more is said of them.
    """

    faulty: Container[str] = ()
    found: list[Fault] = field(default_factory=list)

    def add(self, path: str, code: FaultCode.ValueType, message: str) -> None:
        """Notes a fault, unless the field is known to be faulty.

        Raises TooManyFaults when there is no need to look for more.
        """
        if path in self.faulty:
            return
        self.found.append(Fault(path, code, message))
        if len(self.found) >= MOST_FAULTS:
            raise TooManyFaults
