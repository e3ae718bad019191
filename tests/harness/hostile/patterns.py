"""All regular expressions of the program, and a timer that stops one that does not end.

The timer counts only the processor time of this process, so a busy machine does not
matter. Python checks it during matching.
"""

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType

import deploy
import edge
import services

# Started as programs, or needing what only an extra brings.
_COMPILED = ("._rows", "._cells", "._encode", "._budgets")
_NOT_IMPORTED = ("__main__", "migrations.env", *_COMPILED)


class TooLong(Exception):
    """The processor's time is up."""


_WAYS = "fullmatch|match|search|finditer|findall|sub|split"

Pattern = re.Pattern[str] | re.Pattern[bytes]


@dataclass(frozen=True, slots=True)
class Use:
    """A pattern, and the ways in which the program looks for it."""

    pattern: Pattern
    ways: tuple[str, ...]


def uses() -> dict[str, Use]:
    """The patterns that modules hold, by module and name, with how they are used.

    One that is used by other modules alone is looked for in all of them.
    """
    found, sources = {}, _sources()
    for name, pattern in patterns().items():
        module, _, own = name.rpartition(".")
        used = rf"\b{own}\.({_WAYS})\b"
        ways = re.findall(used, sources[module]) or re.findall(
            used, "\n".join(sources.values())
        )
        found[name] = Use(pattern, tuple(sorted(set(ways) or {"fullmatch"})))
    return found


def _sources() -> dict[str, str]:
    return {
        name: Path(str(module.__file__)).read_text()
        for name, module in _modules().items()
    }


def _modules() -> dict[str, ModuleType]:
    return {
        module.name: importlib.import_module(module.name)
        for package in (services, edge, deploy)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith(_NOT_IMPORTED)
    }


def patterns() -> dict[str, Pattern]:
    """The patterns that modules hold, by module and name."""
    return {
        f"{module}.{name}": value
        for module, held in _modules().items()
        for name, value in vars(held).items()
        if isinstance(value, re.Pattern)
    }


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooLong where what is within takes more of the processor's time."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
