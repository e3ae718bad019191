"""Begins the undoing of imports: each is an import of its own, with a job."""

from typing import Any

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.jobs.v1.jobs_pb2 import JOB_KIND_IMPORT

from services.caller import Call, Caller
from services.clock import now
from services.errors import NotFound, ServiceError, WrongState
from services.gates.permissions import check_permission
from services.imports import statements as sql
from services.imports.checks import kind_of, permission_of
from services.jobs import queue
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.records.commands import Around, Command, keep_answer
from services.records.engine import Records

_ENDED = (
    pb.IMPORT_STATE_SUCCEEDED,
    pb.IMPORT_STATE_FAILED,
    pb.IMPORT_STATE_CANCELLED,
)


class _RunsAlreadyError(Exception):
    """Another undo of the import has not ended: its id."""


class Undos:
    """Begins to undo imports."""

    def __init__(self, records: Records[pb.Import]) -> None:
        self._records = records

    async def begin(self, call: Call, its: pb.Import, *, dry_run: bool) -> pb.Import:
        """Begins to undo an import that the caller sees.

        Returns the undo; one that runs already, if there is such.
        """
        _refuse(call.caller, self._records.kinds, its)
        given = pb.Import(
            resource=its.resource,
            mode=pb.IMPORT_MODE_UNDO,
            format=pb.IMPORT_FORMAT_NDJSON,
            on_error=pb.IMPORT_ON_ERROR_SKIP,
            empty=pb.IMPORT_EMPTY_KEEP,
            dry_run=dry_run,
        )
        job = queue.drafted(call.caller, JOB_KIND_IMPORT, "")

        def settle(record: pb.Import) -> None:
            job.subject_id, record.job_id = record.id, job.id
            record.state, record.undoes = pb.IMPORT_STATE_WAITING, its.id

        def around(caller: Caller, before: Any, after: Any) -> Around | None:
            async def then(transaction: Transaction) -> None:
                await _mark(transaction, caller.business_id, after)
                await queue.begin(transaction, caller.business_id, job, {})

            made = caller.business_id, after.id, *maker_of(caller)
            return Around(after=[Command(sql.MAKER, made)], then=then)

        records = self._records.with_around(around)
        try:
            return await records.create(call, given, settle)
        except _RunsAlreadyError as error:
            found = await self._records.get(call.caller, str(error))
            await keep_answer(self._records.database, call, found)
            return found


async def _mark(transaction: Transaction, business_id: str, undo: pb.Import) -> None:
    """Lets the import say what undoes it. Two undos of it do not run at once."""
    row = await transaction.row(sql.UNDONE, business_id, undo.undoes)
    if row is None:
        raise NotFound
    if undo.dry_run:
        return
    other = row["undone_by"]
    if other and await transaction.row(sql.IS_OPEN, business_id, other) is not None:
        raise _RunsAlreadyError(other)
    its = business_id, undo.undoes, undo.id, now()
    await transaction.run(sql.UNDONE_BY, *its)


def may_undo(caller: Caller, kinds: Kinds, its: pb.Import) -> bool:
    """Whether an import can be undone, and the caller may do it."""
    try:
        _refuse(caller, kinds, its)
    except ServiceError:
        return False
    return True


def _refuse(caller: Caller, kinds: Kinds, its: pb.Import) -> None:
    """Refuses what cannot be undone, and who may not do it."""
    if its.dry_run:
        raise WrongState("A dry run has written nothing that could be undone.")
    if its.state not in _ENDED:
        raise WrongState("The import has not ended. Cancel it, or wait.")
    if not its.job_id:
        raise WrongState("The import never began: it has written nothing.")
    kind = kind_of(kinds, its.resource)
    if its.created or its.deleted:
        check_permission(caller, permission_of(kind, pb.IMPORT_MODE_DELETE))
    if its.updated or not (its.created or its.deleted):
        check_permission(caller, permission_of(kind, pb.IMPORT_MODE_UPDATE))


def maker_of(caller: Caller) -> tuple[str, str]:
    """The app and the token with whose rights an import runs; a session is no token."""
    is_session = caller.token_kind == TOKEN_KIND_SESSION
    return caller.client_id, "" if is_session else caller.token_id
