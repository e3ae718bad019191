"""How jobs log their changes: as a part of the statements that write them.

Each change has the whole record but for `problem` and `result`: these may quote rows of
a file or name records, and what an erasure has to find should lie in one place. Readers
are told those of the job as it is.
"""

from functools import cache

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.kinds.descriptors import record_type
from services.kinds.record_type import Field, FieldType
from services.records.log.changes import CREATED, OWN_TIME, UPDATED
from services.records.log.statements import LOG_COLUMNS, moment_sql, place_sql

TABLE = "jobs"
# What the log does not keep.
UNKEPT = frozenset(("problem", "result"))
# Besides, the log says which app a job is of.
CLIENT = "client_id"
_PROGRESS = "progress"


@cache
def returned() -> str:
    """The columns of a job that its log needs, as a statement returns them."""
    return ", ".join((*_names(), OWN_TIME, "version", CLIENT))


def logged_creation(actor: str) -> str:
    """Logs that the part `record` began a job.

    `actor` is the SQL of who did that, as `acting` tells it.
    """
    parts = ", ".join(f"split_part({actor}, ' ', {number})" for number in range(1, 5))
    return _logged(CREATED, "NULL", "NULL", parts, "NULL")


def logged_change(was: str, now: str, is_told: str = "true") -> str:
    """Logs a change of the part `record` that a worker made for who began the job.

    `was` and `now` are the SQL of what differs, as JSON.
    """
    actor = "coalesce(record.created_by, ''), '', '', ''"
    place = place_sql("record.id")
    return f"{_logged(UPDATED, was, now, actor, place)} WHERE {is_told}"


def told_of(row: str) -> str:
    """What a step can change of a job, as JSON; `row` is the alias of its row."""
    finished = moment_sql(f"{row}.finished_at")
    return (
        f"jsonb_build_object('state', {row}.state, 'finished_at', {finished},"
        f" '{_PROGRESS}', {progress_of(row)})"
    )


def progress_of(row: str) -> str:
    """The progress of a job with all of its members."""
    its = f"{row}.{_PROGRESS}"
    return (
        f"jsonb_build_object('total', {its} -> 'total',"
        f" 'done', coalesce({its} -> 'done', '0'),"
        f" 'failed', coalesce({its} -> 'failed', '0'))"
    )


def _logged(operation: int, was: str, now: str, actor: str, place: str) -> str:
    return (
        f"INSERT INTO changes ({LOG_COLUMNS}, place)"
        f" SELECT $1, record.id, '{TABLE}', {operation}, record.version,"
        f" record.{OWN_TIME}, {was}, {now}, {_image()}, {actor}, {place} FROM record"
    )


@cache
def _image() -> str:
    """The whole of a job, from the part `record`."""
    moments = {f.name for f in _fields() if f.type is FieldType.TIMESTAMP}
    values = {name: f"record.{name}" for name in (*_names(), CLIENT)}
    values |= {name: moment_sql(values[name]) for name in moments & values.keys()}
    del values[_PROGRESS]
    pairs = ", ".join(f"'{name}', {value}" for name, value in values.items())
    return (
        f"jsonb_strip_nulls(jsonb_build_object({pairs}))"
        f" || jsonb_build_object('{_PROGRESS}', {progress_of('record')})"
    )


def _names() -> list[str]:
    unkept = (*UNKEPT, OWN_TIME)
    return [each.name for each in _fields() if each.name not in unkept]


def _fields() -> tuple[Field, ...]:
    return record_type(pb.Job).fields
