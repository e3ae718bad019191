"""The counters of imports, for metrics. Keys are fixed at start."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.importing.drafts import Result


def status_name(status: int) -> str:
    """A status of a row as public JSON writes it."""
    name = pb.ImportRowStatus.Name(pb.ImportRowStatus.ValueType(status))
    return name.removeprefix("IMPORT_ROW_STATUS_").lower()


def _no_rows() -> dict[str, int]:
    return {status_name(each): 0 for each in pb.ImportRowStatus.values() if each}


@dataclass(slots=True)
class ImportFigures:
    """How many rows the worker of one process has written, by their status.

    `undone` are those of undos: a `created` one has restored a record.
    """

    rows: dict[str, int] = field(default_factory=_no_rows)
    undone: dict[str, int] = field(default_factory=_no_rows)

    def note(self, results: Sequence[Result], *, undoes: bool) -> None:
        """Counts what became of rows of an import, or of an undo."""
        counts = self.undone if undoes else self.rows
        for status, number in Counter(each.status for each in results).items():
            counts[status_name(status)] += number
