"""What became of the rows of imports, as clients see it."""

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.caller import Caller
from services.imports import statements as sql
from services.kinds.custom_fields import put
from services.postgres.database import Database, Row
from services.records.reading.short_pages import fitting
from services.sealed.cursors import Cursors

DEFAULT_PAGE = 25


class Rows:
    """The rows of imports that the caller may see."""

    def __init__(self, database: Database, cursors: Cursors) -> None:
        self._database, self._cursors = database, cursors

    async def search(
        self, caller: Caller, request: pb.SearchImportRowsRequest
    ) -> pb.SearchImportRowsResponse:
        """One page, in the order of the file. It ends early where problems are long."""
        limit, after = request.limit or DEFAULT_PAGE, 0
        if request.cursor:
            after = int(self._cursors.open(caller, request)[0])
        its = caller.business_id, request.id, request.status or None
        rows = await self._database.rows(sql.SEARCH_ROWS, *its, after, limit + 1)
        answer = pb.SearchImportRowsResponse()
        answer.data.extend(map(_told, rows[:limit]))
        fit = fitting(each.ByteSize() for each in answer.data) if rows else 0
        del answer.data[fit:]
        answer.meta.cursor.has_more = len(rows) > fit
        if len(rows) > fit:
            position = str(rows[fit - 1]["row"]), ""
            answer.meta.cursor.next = self._cursors.seal(caller, request, position)
        if request.include_total:
            counted = await self._database.rows(sql.COUNT_ROWS, *its)
            answer.meta.total = counted[0][0]
        return answer


def _told(row: Row) -> pb.ImportRow:
    told = pb.ImportRow(row=row["row"], status=row["status"])
    if row["record_id"] is not None:
        told.id = row["record_id"]
    if row["problem"] is not None:
        for name, value in row["problem"].items():
            put(told.problem.fields, name, value)
    return told
