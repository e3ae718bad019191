"""The import of the demonstration data: it has ended, and some rows were rejected."""

from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.clock import now, to_timestamp
from services.ids import new_id
from services.imports.statements import KEEP_ROWS
from services.kinds.custom_fields import put
from services.kinds.descriptors import record_type
from services.postgres.database import Database
from services.records.bulk import copy_together, rows_of

_COLUMNS = ("First name", "Last name", "Email", "Country", "Shoe size")
_MAPPING = {
    "First name": "first_name",
    "Last name": "last_name",
    "Email": "email",
    "Country": "country",
}
_KNOWN = 7
# Rejected rows, each with the field, the code, and what is said of it.
_BAD = (
    (
        "Charles,Babbage,charles@engine,Germany,44",
        *("email", "invalid_format"),
        "Give an e-mail address, e.g. ada@example.com.",
    ),
    (
        "Mary,Somerville,mary@stars.example,Jedburgh,38",
        *("country", "invalid_choice"),
        "Give a country of ISO 3166-1 as two upper-case letters, e.g. BR.",
    ),
)
_CONTACTS = f"""
SELECT id FROM {record_type(Contact).table}
WHERE business_id = $1 AND deleted_at IS NULL ORDER BY created_at, id LIMIT {_KNOWN}
"""
_IS_THERE = "SELECT 1 FROM imports WHERE business_id = $1 LIMIT 1"


async def add_import(database: Database, business_id: str, user_id: str) -> None:
    """Adds the import, unless there is one: its other rows found their contacts."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    ids = [row[0] for row in await database.rows(_CONTACTS, business_id)]
    record = _import(user_id, len(ids))
    await copy_together(database, rows_of(business_id, [record]))
    count, unchanged = len(ids) + len(_BAD), int(pb.IMPORT_ROW_STATUS_UNCHANGED)
    failed = int(pb.IMPORT_ROW_STATUS_FAILED)
    columns: list[list[Any]] = [
        list(range(1, count + 1)),
        [unchanged] * len(ids) + [failed] * len(_BAD),
        [*ids, *[None] * len(_BAD)],
        [None] * len(ids) + [_problem(*said) for _, *said in _BAD],
        [None] * len(ids) + [sent.encode() for sent, *_ in _BAD],
    ]
    await database.run(KEEP_ROWS, business_id, record.id, *columns)


def _import(user_id: str, found: int) -> pb.Import:
    moment, bad = to_timestamp(now()), len(_BAD)
    record = pb.Import(
        id=new_id("imp_"),
        resource="contacts",
        mode=pb.IMPORT_MODE_UPSERT,
        format=pb.IMPORT_FORMAT_CSV,
        on_error=pb.IMPORT_ON_ERROR_SKIP,
        empty=pb.IMPORT_EMPTY_KEEP,
        state=pb.IMPORT_STATE_SUCCEEDED,
        rows=found + bad,
        unchanged=found,
        failed=bad,
        created_at=moment,
        updated_at=moment,
        created_by=user_id,
        etag="1",
    )
    told = {
        "import_id": record.id,
        "columns": list(_COLUMNS),
        "delimiter": ",",
        "mapping": _MAPPING,
        "unmapped": [each for each in _COLUMNS if each not in _MAPPING],
        **{"created": 0, "updated": 0, "unchanged": found, "deleted": 0, "failed": bad},
    }
    for name, value in told.items():
        put(record.result.fields, name, value)
    return record


def _problem(field: str, code: str, message: str) -> dict[str, Any]:
    return {
        "type": "https://papi.prospectconnect.ai/problems/validation",
        "title": "Validation failed",
        "status": 422,
        "detail": message,
        "errors": [{"field": field, "code": code, "message": message}],
    }
