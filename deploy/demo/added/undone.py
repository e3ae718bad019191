"""An import of the demonstration data that was a mistake, and was undone.

It has made contacts from a list of the wrong year. The undo has put them into the bin.
"""

from collections.abc import Sequence

from google.protobuf.json_format import MessageToDict
from prospectconnect.crm.v1.contacts_pb2 import LIFECYCLE_STAGE_LEAD, Contact
from prospectconnect.jobs.v1 import imports_pb2
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1.fields_pb2 import Field

from deploy.demo.added.files import ENDED, ROWS, Json, job_of
from deploy.demo.added.mistakes import There
from services.clock import SECOND, from_timestamp, now, to_timestamp
from services.crm.contacts import derive
from services.every_kind import compile_kinds
from services.ids import new_id
from services.jobs import queue
from services.kinds.descriptors import record_type
from services.postgres.database import Database, Transaction
from services.records.bulk import copy_in, rows_of
from services.records.engine import Records
from services.records.schemas import Schemas

_COLUMNS = ("First name", "Last name", "E-mail")
_MAPPING = {"First name": "first_name", "Last name": "last_name", "E-mail": "email"}
_PEOPLE = (
    ("Ines", "Moreau"),
    ("Piotr", "Zielinski"),
    ("Aoife", "Brennan"),
    ("Sven", "Halvorsen"),
)
_DOMAIN = "fair-of-last-year.example"
_IS_THERE = (
    "SELECT 1 FROM imports WHERE business_id = $1 AND undoes IS NOT NULL LIMIT 1"
)

_CREATED = int(imports_pb2.IMPORT_ROW_STATUS_CREATED)
_DELETED = int(imports_pb2.IMPORT_ROW_STATUS_DELETED)


async def add_undone(
    database: Database, business_id: str, users: Sequence[str]
) -> None:
    """Adds the import and its undo, by the manager, unless they are there."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    there, user_id = There(database, business_id, users), users[2]
    begun = now() - 3_000 * SECOND
    people = _people(user_id, begun)
    ids = [each.id for each in people]
    first, second = _import(user_id, begun), _import(user_id, begun + 300 * SECOND)
    first.undone_by, second.undoes = second.id, first.id
    first.mode, first.created = imports_pb2.IMPORT_MODE_CREATE, len(ids)
    second.mode, second.deleted = imports_pb2.IMPORT_MODE_UNDO, len(ids)
    second.format = imports_pb2.IMPORT_FORMAT_NDJSON
    first.result.update(_result(first.id, {"created": len(ids)}))
    second.result.update({"import_id": second.id, "deleted": len(ids)})

    async def put(transaction: Transaction) -> None:
        await copy_in(transaction, rows_of(business_id, people))
        for made, status in ((first, _CREATED), (second, _DELETED)):
            await _put(transaction, business_id, made, [(e, status) for e in ids])

    schemas = Schemas(database, record_type(Field))
    contacts = Records(database, compile_kinds()["contact"], schemas)
    call = await there.call("manager", user_id)
    await database.in_transaction(put)
    for each in ids:
        await contacts.delete(call, each)


def _people(user_id: str, moment: int) -> list[Contact]:
    stamp = to_timestamp(moment)
    people = [
        Contact(
            id=new_id("con_"),
            first_name=first,
            last_name=last,
            email=f"{first.lower()}@{_DOMAIN}",
            lifecycle_stage=LIFECYCLE_STAGE_LEAD,
            owner_id=user_id,
            created_by=user_id,
            created_at=stamp,
            updated_at=stamp,
        )
        for first, last in _PEOPLE
    ]
    for each in people:
        derive(each)
    return people


def _import(user_id: str, begun: int) -> imports_pb2.Import:
    return imports_pb2.Import(
        id=new_id("imp_"),
        resource="contacts",
        format=imports_pb2.IMPORT_FORMAT_CSV,
        on_error=imports_pb2.IMPORT_ON_ERROR_SKIP,
        empty=imports_pb2.IMPORT_EMPTY_KEEP,
        state=imports_pb2.IMPORT_STATE_SUCCEEDED,
        job_id=new_id("job_"),
        rows=len(_PEOPLE),
        created_at=to_timestamp(begun),
        updated_at=to_timestamp(begun + SECOND),
        created_by=user_id,
        etag="1",
    )


def _result(import_id: str, counts: Json) -> Json:
    return {
        "import_id": import_id,
        "columns": list(_COLUMNS),
        "delimiter": ",",
        "mapping": _MAPPING,
        "unmapped": [],
        **counts,
    }


async def _put(
    transaction: Transaction,
    business_id: str,
    made: imports_pb2.Import,
    rows: Sequence[tuple[str, int]],
) -> None:
    """Puts an import with its job, and what became of its rows."""
    begun, ended = from_timestamp(made.created_at), from_timestamp(made.updated_at)
    job = job_of(jobs.JOB_KIND_IMPORT, made.id, made.created_by, begun)
    job.id = made.job_id
    await copy_in(transaction, rows_of(business_id, [made]))
    await queue.begin(transaction, business_id, job, {})
    progress = {"total": len(rows), "done": len(rows), "failed": 0}
    result = MessageToDict(made.result)
    its = business_id, job.id, begun, ended, progress, result
    await transaction.run(ENDED, *its)
    columns: list[list[object]] = [
        list(range(1, len(rows) + 1)),
        [status for _, status in rows],
        [record_id for record_id, _ in rows],
        [None] * len(rows),
        [None] * len(rows),
    ]
    await transaction.run(ROWS, business_id, made.id, *columns)
