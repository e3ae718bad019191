"""What imports, exports and jobs are called on the pages."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from prospectconnect.jobs.v1 import exports_pb2, imports_pb2
from prospectconnect.jobs.v1 import jobs_pb2 as jobs

# What an import may be begun to do.
BEGUN: Mapping[int, str] = MappingProxyType(
    {
        imports_pb2.IMPORT_MODE_CREATE: "Create",
        imports_pb2.IMPORT_MODE_UPDATE: "Update",
        imports_pb2.IMPORT_MODE_UPSERT: "Create or update",
        imports_pb2.IMPORT_MODE_DELETE: "Delete",
    }
)
MODES: Mapping[int, str] = MappingProxyType(
    {**BEGUN, imports_pb2.IMPORT_MODE_UNDO: "Undo an import of"}
)
FORMATS: Mapping[int, str] = MappingProxyType(
    {
        exports_pb2.EXPORT_FORMAT_CSV: "CSV",
        exports_pb2.EXPORT_FORMAT_NDJSON: "NDJSON",
        exports_pb2.EXPORT_FORMAT_PARQUET: "Parquet",
    }
)
# A state, and the colour of its tag.
IMPORT_STATES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        imports_pb2.IMPORT_STATE_WAITING_FOR_CONTENT: ("Needs its file", "warn"),
        imports_pb2.IMPORT_STATE_WAITING: ("Waiting", ""),
        imports_pb2.IMPORT_STATE_RUNNING: ("Running", ""),
        imports_pb2.IMPORT_STATE_SUCCEEDED: ("Done", "good"),
        imports_pb2.IMPORT_STATE_FAILED: ("Failed", "bad"),
        imports_pb2.IMPORT_STATE_CANCELLED: ("Cancelled", "warn"),
    }
)
JOB_STATES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        jobs.JOB_STATE_WAITING: ("Waiting", ""),
        jobs.JOB_STATE_RUNNING: ("Running", ""),
        jobs.JOB_STATE_SUCCEEDED: ("Done", "good"),
        jobs.JOB_STATE_FAILED: ("Failed", "bad"),
        jobs.JOB_STATE_CANCELLED: ("Cancelled", "warn"),
    }
)
JOB_KINDS: Mapping[int, str] = MappingProxyType(
    {
        jobs.JOB_KIND_CREATE_FIELD: "Defines a field",
        jobs.JOB_KIND_UPDATE_FIELD: "Changes a field",
        jobs.JOB_KIND_CHANGE_FIELD: "Changes the type of a field",
        jobs.JOB_KIND_REPLACE_FIELD_OPTION: "Replaces an option",
        jobs.JOB_KIND_REPLAY_WEBHOOK: "Sends changes again",
        jobs.JOB_KIND_IMPORT: "Import",
        jobs.JOB_KIND_EXPORT: "Export",
        jobs.JOB_KIND_MOVE_SANDBOX_CLOCK: "Moves a sandbox's clock",
    }
)
# What a trial or an import has in its result beside its counts of rows.
_BESIDES: Mapping[str, str] = MappingProxyType(
    {
        "companies_created": "Companies created",
        "companies_deleted": "Companies deleted",
    }
)
OPEN = frozenset((jobs.JOB_STATE_WAITING, jobs.JOB_STATE_RUNNING))
# So often a page loads itself again while a job runs.
AGAIN_SECONDS = 2
_SIZES = ("bytes", "KB", "MB", "GB")
_THOUSAND, _MINUTE = 1_000, 60


def size(count: int) -> str:
    """A number of bytes as people read it: `3.4 MB`."""
    amount, unit = float(count), 0
    while amount >= _THOUSAND and unit < len(_SIZES) - 1:
        amount, unit = amount / _THOUSAND, unit + 1
    return f"{amount:.1f} {_SIZES[unit]}" if unit else f"{count:,} bytes"


def took(job: Any) -> str:
    """How long a job took: `7 s`, `1:05`. Empty until it has ended."""
    if not job.HasField("started_at") or not job.HasField("finished_at"):
        return ""
    seconds = job.finished_at.seconds - job.started_at.seconds
    if seconds < _MINUTE:
        return f"{max(seconds, 0)} s"
    return str(timedelta(seconds=seconds)).removeprefix("0:")


def counts(its: imports_pb2.Import) -> list[tuple[str, int]]:
    """What became of the rows of an import, as people read it; no count is 0."""
    found = [
        ("Restored" if its.undoes else "Created", its.created),
        ("Updated", its.updated),
        ("Unchanged", its.unchanged),
        ("Deleted", its.deleted),
        *((label, beside(its, name)) for name, label in _BESIDES.items()),
    ]
    return [each for each in found if each[1]]


def beside(its: imports_pb2.Import, name: str) -> int:
    """A count in the result of an import, 0 if it has none."""
    fields = its.result.fields
    return int(fields[name].number_value) if name in fields else 0


def is_undone(undo: imports_pb2.Import) -> bool:
    """Whether an undo goes on, or has left nothing."""
    goes_on = undo.state < imports_pb2.IMPORT_STATE_SUCCEEDED
    is_done = undo.state == imports_pb2.IMPORT_STATE_SUCCEEDED
    return goes_on or (is_done and not undo.failed)


def share(job: Any) -> int | None:
    """How much of a job is done, in per cent. None if nobody knows how much it is."""
    if not job.progress.total:
        return None
    return min(100, int(job.progress.done * 100 // job.progress.total))
