"""The program with a count of its function calls, including those of its libraries.

`python -m tests.harness.programs.counting_program FILE FAULT ARGUMENT...` runs the
command line, with a planted fault unless `FAULT` is `-`. When it ends, it writes to
`FILE` the number of function calls for each marked request: from the arrival of that
request to the arrival of the next. Compiled modules are replaced by their Python
versions, so that the count does not depend on a compiler.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

NO_FAULT = "-"
MARK = "X-Sample"  # the header with the name of a request to be counted

_ROOT = Path(__file__).parents[3]
_MARK = f"\r\n{MARK}: ".encode()
_ARRIVAL = "data_received"  # asyncio calls it with received bytes


def program(file: Path, fault: str = NO_FAULT) -> tuple[str, ...]:
    """The command that `tests.stacks.start` runs instead of the product."""
    return (__spec__.name, str(file), fault)


def read_counts(file: Path) -> Mapping[str, Sequence[int]]:
    """The counted calls for each name, in the order of the requests."""
    counts: dict[str, list[int]] = {}
    arrivals = json.loads(file.read_text())
    for (name, before), (_, after) in pairwise(arrivals):
        counts.setdefault(name, []).append(after - before)
    return counts


class _Count:
    """Counts the calls of one thread, and records the count at each arrival."""

    def __init__(self) -> None:
        self.calls = 0
        self.arrivals: list[tuple[str, int]] = []

    def notice(self, frame: FrameType, event: str, _: Any) -> None:
        """Is called at every call and return (`sys.setprofile`)."""
        if event == "c_call":
            self.calls += 1
        elif event == "call":
            self.calls += 1
            if frame.f_code.co_name == _ARRIVAL:
                self.arrivals.append((_name(frame.f_locals), self.calls))


def _name(arguments: Mapping[str, Any]) -> str:
    """The name in the mark of the received request, if it has one."""
    texts = (bytes(each) for each in arguments.values() if isinstance(each, bytes))
    marked = b"".join(texts).partition(_MARK)[2]
    return marked.partition(b"\r\n")[0].decode()


def _hide_compiled() -> None:
    """Blocks the import of compiled modules: those that have a stub."""
    for room in ("edge", "services", "deploy"):
        for stub in (_ROOT / room).rglob("*.pyi"):
            name = ".".join(stub.relative_to(_ROOT).with_suffix("").parts)
            sys.modules[name] = None  # type: ignore[assignment]  # a way to say no


def _run() -> None:
    _hide_compiled()
    from deploy.commands.command_line import main  # noqa: PLC0415 - which imports all
    from tests.harness.programs import knowing_program  # noqa: PLC0415 - that, too
    from tests.harness.programs.faulty_program import FAULTS  # noqa: PLC0415 - and that

    knowing_program.keep_tokens_known()
    file, fault = Path(sys.argv.pop(1)), sys.argv.pop(1)
    if fault != NO_FAULT:
        FAULTS[fault]()
    count = _Count()
    sys.setprofile(count.notice)
    try:
        main()
    finally:
        sys.setprofile(None)
        file.write_text(json.dumps(count.arrivals))


if __name__ == "__main__":
    _run()
