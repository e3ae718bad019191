"""What an import tells of its content and its rows while it runs, and at its end."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.jobs.v1 import jobs_pb2 as jobs

from services.importing.drafts import Result
from services.importing.samples import SHOWN, sample
from services.imports.checks import charset_of
from services.imports.sight import SAMPLES
from services.jobs.work import Json, Work

# A dry run judges so many rows at most.
MOST_TRIED = 100_000

COUNTS: Mapping[int, str] = {
    pb.IMPORT_ROW_STATUS_CREATED: "created",
    pb.IMPORT_ROW_STATUS_UPDATED: "updated",
    pb.IMPORT_ROW_STATUS_UNCHANGED: "unchanged",
    pb.IMPORT_ROW_STATUS_DELETED: "deleted",
    pb.IMPORT_ROW_STATUS_FAILED: "failed",
}
STATES: Mapping[int, int] = {
    jobs.JOB_STATE_WAITING: pb.IMPORT_STATE_WAITING,
    jobs.JOB_STATE_RUNNING: pb.IMPORT_STATE_RUNNING,
    jobs.JOB_STATE_SUCCEEDED: pb.IMPORT_STATE_SUCCEEDED,
    jobs.JOB_STATE_FAILED: pb.IMPORT_STATE_FAILED,
    jobs.JOB_STATE_CANCELLED: pb.IMPORT_STATE_CANCELLED,
}
_AS_TOLD = ("columns", "delimiter", "mapping", "missing")
# How many deals are won or lost without a day: they are dated to when they were made.
_UNDATED = "closed_without_date"
# How many companies were created for rows, and how many of them went in an undo.
_MADE, _GONE = "companies_created", "companies_deleted"
_BESIDES = (_UNDATED, _MADE, _GONE)


def no_rows() -> Json:
    """The counts of an import that begins."""
    return dict.fromkeys(COUNTS.values(), 0)


def count(task: Json, results: Iterable[Result]) -> None:
    """Counts what became of rows, and the fields that they were freed of."""
    counts, ignored = task["counts"], task.setdefault("ignored", {})
    for each in results:
        counts[COUNTS[each.status]] += 1
        for name in each.let_go:
            ignored[name] = ignored.get(name, 0) + 1


def count_besides(
    task: Json, given: pb.Import, results: Iterable[Result], companies: int
) -> None:
    """Counts what rows did besides. Trials may make one company several times."""
    created = pb.IMPORT_ROW_STATUS_CREATED
    undated = sum(each.is_undated and each.status == created for each in results)
    task[_UNDATED] = task.get(_UNDATED, 0) + undated
    if given.undoes or not given.dry_run:
        name = _GONE if given.undoes else _MADE
        task[name] = task.get(name, 0) + companies


def show(task: Json, results: Iterable[Result]) -> None:
    """Keeps the first rows of a dry run as they are read."""
    samples = task.setdefault(SAMPLES, [])
    samples += [sample(each) for each in [*results][: SHOWN - len(samples)]]


def told(work: Work) -> Json:
    """How the content was read, and what became of its rows."""
    task = work.task
    found: Json = {name: task[name] for name in _AS_TOLD if name in task}
    if "columns" in task:
        mapped = task["mapping"]
        found["unmapped"] = [e for e in task["columns"] if e and e not in mapped]
    if task.get("ignored"):
        found["ignored"] = task["ignored"]
    if "is_whole" in task:
        found["judged"] = sum(task["counts"].values())
        found["is_whole"] = task["is_whole"]
    return {"import_id": work.subject_id, **found, **task.get("counts", {})}


def shown(work: Work) -> Json:
    """The same as the import shows it: with the first rows of a dry run."""
    more = {name: work.task.get(name) for name in (SAMPLES, *_BESIDES)}
    return told(work) | {name: value for name, value in more.items() if value}


def end(work: Work) -> None:
    """Ends an import whose rows were all looked at.

    It has failed if none of them was good: who looks at the state alone must not take
    such a file for imported.
    """
    counts = work.task["counts"]
    if counts["failed"] and counts["failed"] == sum(counts.values()):
        detail = _rejected(counts["failed"])
        work.fail({"type": "validation", "detail": detail}, told(work))
        return
    work.succeed(told(work))


def _rejected(count: int) -> str:
    if count == 1:
        return "The only row was rejected: see its problem."
    return f"All {count:,} rows were rejected: see their problems."


def recoded(given: Any) -> Callable[[bytes], bytes]:
    """Writes what was read as UTF-8 in the charset in which it was sent."""
    charset = charset_of(given.charset)
    charset = "utf-16-le" if charset == "utf-16" else charset
    if not charset.startswith("utf-16"):
        return lambda sent: sent
    return lambda sent: sent.decode("utf-8", "replace").encode(charset)
