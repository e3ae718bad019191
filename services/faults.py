"""Faults: the broken rules of a request's fields, each with its path."""

from collections.abc import Container
from dataclasses import dataclass, field

from prospectconnect.type.v1.errors_pb2 import FaultCode


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule; `field` is the path of the field in the request message."""

    field: str
    code: FaultCode.ValueType
    message: str


# More faults would help nobody, and each costs time and memory.
MOST_FAULTS = 1_000

# So many explanations fit into the metadata of an answer.
MOST_EXPLAINED = 8


class TooManyFaults(Exception):
    """Raised when `MOST_FAULTS` faults were found."""


@dataclass(slots=True)
class Faults:
    """The faults found so far, at most `MOST_FAULTS`.

    `faulty` names the fields that the edge could not read. They get no further faults;
    in particular they do not count as missing.
    """

    faulty: Container[str] = ()
    found: list[Fault] = field(default_factory=list)
    explained: int = 0

    def add(self, path: str, code: FaultCode.ValueType, message: str) -> None:
        """Adds a fault, unless the edge could not read the field.

        Raises TooManyFaults at the maximum.
        """
        if path not in self.faulty:
            self.found.append(Fault(path, code, message))
            if len(self.found) >= MOST_FAULTS:
                raise TooManyFaults

    def explain(self, path: str, code: FaultCode.ValueType, message: str) -> None:
        """Like `add`; of a field that the edge could not read it says what would do.

        The edge tells this message instead of its own. An explanation is no fault more:
        those there are come first, so that none is counted as left out of the answer.
        """
        if path not in self.faulty:
            self.add(path, code, message)
        elif self.explained < MOST_EXPLAINED:
            self.explained += 1
            self.found.insert(0, Fault(path, code, message))
