"""The jobs on a tenant's definitions, as the pages list them."""

from collections.abc import Sequence

from prospectconnect.schema.v1 import own_schema_pb2 as pb

from services.caller import Caller
from services.kinds.record_type import RecordType
from services.postgres.database import Database
from services.records.rows import RowCodec
from services.records.schemas import KEY, LABEL, OBJECT

# So many of the last jobs are listed.
_LISTED = 10


class OwnJobs:
    """Jobs on definitions; `kind` is that of jobs.

    As by the API, a user sees the own ones, owners and admins see all.
    """

    def __init__(self, database: Database, kind: RecordType) -> None:
        self._database, self._kind, self._codec = database, kind, RowCodec(kind)
        self._listed = (
            f"SELECT {self._codec.columns}, r.task ->> '{KEY}' AS key,"
            f" r.task ->> '{LABEL}' AS label, r.is_cancelled FROM jobs AS r"
            " WHERE r.business_id = $1 AND r.deleted_at IS NULL"
            " AND ($2::text IS NULL OR r.created_by = $2)"
            f" AND r.task ->> '{OBJECT}' = $3"
            f" ORDER BY r.created_at DESC, r.id DESC LIMIT {_LISTED}"
        )

    async def of(self, caller: Caller, slug: str) -> Sequence[pb.OwnJob]:
        """The last jobs on fields of a type of record, newest first."""
        rows = await self._database.rows(self._listed, *self._seen_by(caller), slug)
        return [
            pb.OwnJob(
                job=self._codec.read(row, caller.business_id),
                key=row["key"],
                label=row["label"],
                is_cancelled=row["is_cancelled"],
            )
            for row in rows
        ]

    def _seen_by(self, caller: Caller) -> tuple[str, str | None]:
        """The tenant, and the user if only the own jobs are seen."""
        sees_own = self._kind.resource in caller.own_only
        return caller.business_id, caller.user_id if sees_own else None
