"""Definitions that a job works on: they are marked, brought into force, or taken back.

Each of these locks the tenant's row and counts the generation of its schema up, as
every change of a definition does.
"""

from collections.abc import Sequence

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.postgres.sql_parts import quoted
from services.records.many.statements import update_many_sql
from services.records.rows import RowCodec
from services.schema.generation import COUNT_UP, LOCK

_KEPT = frozenset(("id", "created_at", "updated_at", "created_by"))
_MARK = update_many_sql(
    "fields", ["state = $4::smallint", "job_id = $5::text"], "r.id = $2"
)
_HIDE = update_many_sql("fields", ["deleted_at = $3"], "r.id = $2")


class Definitions:
    """The rows of definitions, as jobs read and write them."""

    def __init__(self, kind: RecordType) -> None:
        self._codec = RowCodec(kind)
        self._places = [
            place for place, f in enumerate(kind.fields) if f.name not in _KEPT
        ]
        columns = [kind.columns[place] for place in self._places]
        sets = [
            f"{quoted(name)} = ${number}::{column}"
            for number, (name, column) in enumerate(columns, start=4)
        ]
        self._restore = update_many_sql("fields", sets, "r.id = $2")
        self._read = (
            f"SELECT {self._codec.columns} FROM fields AS r"
            " WHERE r.business_id = $1 AND r.id = $2"
        )

    async def read(
        self, transaction: Transaction, business_id: str, field_id: str
    ) -> pb.Field:
        """Returns a definition, even one that was taken back."""
        row = await transaction.row(self._read, business_id, field_id)
        if row is None:
            raise LookupError(field_id)
        return self._codec.read(row, business_id)  # type: ignore[no-any-return]  # of the kind

    async def restore(
        self, transaction: Transaction, business_id: str, before: pb.Field
    ) -> None:
        """Makes a definition what it was before."""
        values = self._codec.values(before)
        chosen = [values[place] for place in self._places]
        await _change(transaction, self._restore, business_id, before.id, chosen)


async def mark(
    transaction: Transaction, business_id: str, field_id: str, job_id: str
) -> None:
    """Says that a job works on a definition."""
    given = pb.FIELD_STATE_CHECKING, job_id
    await _change(transaction, _MARK, business_id, field_id, given)


async def activate(transaction: Transaction, business_id: str, field_id: str) -> None:
    """Brings a definition into force for searches too."""
    given = pb.FIELD_STATE_ACTIVE, None
    await _change(transaction, _MARK, business_id, field_id, given)


async def hide(transaction: Transaction, business_id: str, field_id: str) -> None:
    """Takes a new definition back. Its row stays until its typed values are deleted."""
    await _change(transaction, _HIDE, business_id, field_id, ())


async def renew(transaction: Transaction, business_id: str) -> None:
    """Lets every process read the schema again: a job has changed what holds."""
    await transaction.run(LOCK, business_id)
    await transaction.run(COUNT_UP, business_id)


async def _change(
    transaction: Transaction,
    sql: str,
    business_id: str,
    field_id: str,
    given: Sequence[object],
) -> None:
    await transaction.run(LOCK, business_id)
    await transaction.run(sql, business_id, field_id, now(), *given)
    await transaction.run(COUNT_UP, business_id)
