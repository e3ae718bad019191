"""The import and the export of the demonstration data.

The import is over: a list of a trade fair, with rows that were rejected and wait to be
corrected. The export is begun here, and written by the worker once the program serves.
"""

from typing import Any

from prospectconnect.jobs.v1 import exports_pb2, imports_pb2
from prospectconnect.jobs.v1 import jobs_pb2 as jobs

from services.clock import HOUR, SECOND, now, to_timestamp
from services.ids import new_id
from services.jobs import queue
from services.postgres.database import Database, Transaction
from services.records.bulk import copy_in, rows_of

_COLUMNS = ("First name", "Last name", "E-mail", "Phone", "Company domain", "Stand")
_MAPPING = {
    "First name": "first_name",
    "Last name": "last_name",
    "E-mail": "email",
    "Phone": "phone",
    "Company domain": "company.domain",
}
_EXPORTED = ("companies", "contacts", "deals")
_CONTRACT = "2026-11-01"
_MOST_ROWS = 45
# What became of some rows: their number, what was sent, and what was wrong with it.
_REJECTED = (
    (
        12,
        "Jonas,Lindqvist,jonas.lindqvist@,+46 8 555 012 40,norrvik.example,B 14",
        ("email", "invalid", "Give an e-mail address, e.g. ada@example.com."),
    ),
    (
        23,
        "Marta,Kowalska,marta.kowalska@wisla.example,ask her,wisla.example,C 2",
        ("phone", "invalid", "Give a telephone number, e.g. +44 20 7946 0018."),
    ),
    (
        31,
        "Luis,Ferreira,luis.ferreira@example.com,,tejo-systems.example,A 7",
        ("company_id", "not_found", "No company has the domain tejo-systems.example."),
    ),
)

# Contacts that came from a trade fair lately. Values: business, how many.
_CAME = """
SELECT id FROM contacts WHERE business_id = $1 AND deleted_at IS NULL
  AND source = 'trade fair' ORDER BY created_at DESC, id LIMIT $2
"""
ENDED = f"""
UPDATE jobs SET state = {jobs.JOB_STATE_SUCCEEDED}, is_open = false,
  started_at = $3::timestamptz, finished_at = $4::timestamptz,
  updated_at = $4::timestamptz, progress = $5::jsonb, result = $6::jsonb
WHERE business_id = $1 AND id = $2
"""
_IS_THERE = "SELECT 1 FROM imports WHERE business_id = $1 LIMIT 1"
ROWS = """
INSERT INTO import_rows (business_id, import_id, row, status, record_id, problem, sent)
SELECT $1, $2, v.* FROM unnest($3::integer[], $4::smallint[], $5::text[], $6::jsonb[],
  $7::bytea[]) AS v
"""


Json = dict[str, Any]


async def add_files(database: Database, business_id: str, user_id: str) -> None:
    """Adds the import, and begins the export, unless they are there."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    came = await database.rows(_CAME, business_id, _MOST_ROWS)
    async with database.transaction() as transaction:
        await _add_import(transaction, business_id, user_id, [row[0] for row in came])
        await _begin_export(transaction, business_id, user_id)


async def _add_import(
    transaction: Transaction, business_id: str, user_id: str, came: list[str]
) -> None:
    """An import that was begun two hours ago, with all that the pages show."""
    begun = now() - 2 * HOUR
    ended = begun + 2 * SECOND
    rows = len(came) + len(_REJECTED)
    counts = {"created": len(came), "failed": len(_REJECTED)}
    job = job_of(jobs.JOB_KIND_IMPORT, new_id("imp_"), user_id, begun)
    result: Json = {
        "import_id": job.subject_id,
        "columns": list(_COLUMNS),
        "delimiter": ",",
        "mapping": _MAPPING,
        "unmapped": [each for each in _COLUMNS if each not in _MAPPING],
        **counts,
    }
    made = imports_pb2.Import(
        id=job.subject_id,
        resource="contacts",
        mode=imports_pb2.IMPORT_MODE_CREATE,
        format=imports_pb2.IMPORT_FORMAT_CSV,
        on_error=imports_pb2.IMPORT_ON_ERROR_SKIP,
        empty=imports_pb2.IMPORT_EMPTY_KEEP,
        state=imports_pb2.IMPORT_STATE_SUCCEEDED,
        job_id=job.id,
        rows=rows,
        created=len(came),
        failed=len(_REJECTED),
        created_at=to_timestamp(begun),
        updated_at=to_timestamp(ended),
        created_by=user_id,
        etag="1",
    )
    made.result.update(result)
    await copy_in(transaction, rows_of(business_id, [made]))
    await queue.begin(transaction, business_id, job, {})
    progress = {"total": rows, "done": rows, "failed": len(_REJECTED)}
    its = business_id, job.id, begun, ended, progress, result
    await transaction.run(ENDED, *its)
    await _add_rows(transaction, (business_id, job.subject_id), came)


async def _add_rows(
    transaction: Transaction, its: tuple[str, str], came: list[str]
) -> None:
    """What became of the rows: those between the rejected ones were created."""
    rejected = {number: (sent, fault) for number, sent, fault in _REJECTED}
    last = len(came) + len(_REJECTED)
    numbers = [each for each in range(1, last + 1) if each not in rejected]
    created = [
        (number, int(imports_pb2.IMPORT_ROW_STATUS_CREATED), id_, None, None)
        for number, id_ in zip(numbers, came, strict=False)
    ]
    failed = [
        (number, int(imports_pb2.IMPORT_ROW_STATUS_FAILED), None, _problem(fault), sent)
        for number, (sent, fault) in rejected.items()
    ]
    columns = [list(each) for each in zip(*created, *failed, strict=True)]
    columns[-1] = [each and each.encode() for each in columns[-1]]
    await transaction.run(ROWS, *its, *columns)


def _problem(fault: tuple[str, str, str]) -> Json:
    field, code, message = fault
    return {
        "type": "validation",
        "title": "Validation failed",
        "status": 422,
        "detail": "The row was rejected.",
        "errors": [{"field": field, "code": code, "message": message}],
    }


async def _begin_export(
    transaction: Transaction, business_id: str, user_id: str
) -> None:
    begun = now()
    job = job_of(jobs.JOB_KIND_EXPORT, new_id("exp_"), user_id, begun)
    export = exports_pb2.Export(
        id=job.subject_id,
        resources=_EXPORTED,
        format=exports_pb2.EXPORT_FORMAT_CSV,
        compression=exports_pb2.EXPORT_COMPRESSION_NONE,
        version=_CONTRACT,
        job_id=job.id,
        state=jobs.JOB_STATE_WAITING,
        created_at=to_timestamp(begun),
        updated_at=to_timestamp(begun),
        created_by=user_id,
        etag="1",
    )
    await copy_in(transaction, rows_of(business_id, [export]))
    await queue.begin(transaction, business_id, job, {})


def job_of(
    kind: jobs.JobKind.ValueType, subject_id: str, user_id: str, moment: int
) -> jobs.Job:
    return jobs.Job(
        id=new_id("job_"),
        kind=kind,
        subject_id=subject_id,
        created_at=to_timestamp(moment),
        created_by=user_id,
    )
