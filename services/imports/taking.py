"""An import that takes the content of a dry run, so that nobody sends it twice.

A dry run that a person has made on the account's pages keeps its content for a day. One
import can take it: from then on it is that import's. The files stay where they are.
"""

from typing import Any

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.jobs.v1.jobs_pb2 import JOB_STATE_FAILED, JOB_STATE_SUCCEEDED

from services.caller import Caller
from services.clock import now
from services.errors import NotFound, RoleDenied, WrongState
from services.imports import statements as sql
from services.imports.checks import Checks
from services.imports.contents import check_maker, folder_of, parts_of
from services.postgres.database import Transaction

# In the task of a job, and in sendings: where the content lies that an import took.
FOLDER = "folder"
# A dry run whose rows were all rejected has failed: with another mapping they may fit.
ENDED = (pb.IMPORT_STATE_SUCCEEDED, pb.IMPORT_STATE_FAILED)
_GONE = "The file of this dry run was imported or deleted. Send it again."


def is_kept(state: int, row: Any) -> bool:
    """Whether the content of an import that has ended stays. `row`: as `READ` has it.

    That of a program is deleted at once: it has its file.
    """
    is_of_program = row["client_id"] or row["token_id"]
    is_tried = row["dry_run"] and state in (JOB_STATE_SUCCEEDED, JOB_STATE_FAILED)
    return bool(row["sendings"]) and is_tried and not is_of_program


async def check_source(
    checks: Checks, caller: Caller, source: pb.Import, given: pb.Import
) -> None:
    """Refuses an import whose content the caller may not take for another one."""
    if caller.token_kind != TOKEN_KIND_SESSION:
        raise RoleDenied("Only a person takes a content, on the account's pages.", "")
    check_maker(caller, source)
    await checks.check_sight(caller, source)
    if given.resource != source.resource:
        raise WrongState(f"The file of this dry run is about {source.resource}.")
    if not source.dry_run or source.state not in ENDED:
        raise WrongState("This import is no dry run that has looked at its file.")


async def take(
    transaction: Transaction, business_id: str, source: str, made: str
) -> str:
    """Moves the content of an import to one that was made. Returns where its files are.

    Raises `WrongState` if the content is gone.
    """
    row = await transaction.row(sql.LOCK, business_id, source)
    if row is None:
        raise NotFound
    sendings = row["sendings"]
    if not sendings:
        raise WrongState(_GONE)
    first: dict[str, Any] = next(iter(sendings.values()))
    folder: str = first.get(FOLDER) or folder_of(business_id, source)
    for each in sendings.values():
        each[FOLDER] = folder
    parts = parts_of(sendings)
    await transaction.run(sql.TAKEN, business_id, source)
    await transaction.run(sql.ARRIVED, business_id, made, parts, sendings, now())
    return folder
