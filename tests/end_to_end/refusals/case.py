"""One case: which rule it is for, what is changed, and how it must be refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A parameter's new value: None takes it away, a tuple gives it several times. Names in
# braces stand for what the test has prepared, e.g. `{used_code}`.
Change = Mapping[str, str | tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `rule` is an RFC and its section: `9700 4.8`.

    `change` is what is not good: of parameters a `Change`, of JSON some members, or
    bytes for all of a body.
    """

    rule: str
    title: str
    change: Any
    error: str
    status: int = 400

    def __str__(self) -> str:
        return f"{self.rule}: {self.title}"


def pairs_of(good: Mapping[str, str], change: Change) -> list[tuple[str, str]]:
    """The parameters of a good request with a change in them."""
    changed = {**good, **change}
    return [
        (name, value)
        for name, values in changed.items()
        for value in ((values,) if isinstance(values, str) else values or ())
    ]
