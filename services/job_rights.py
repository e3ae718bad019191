"""What a caller needs to cancel a job: what beginning it takes.

Who sees a job may not yet end it: a token that only reads stops nobody's import.
"""

from collections.abc import Mapping
from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.caller import Caller
from services.exports.resources import Resources
from services.gates.permissions import check_permission
from services.imports.checks import check_rows_rights, kind_of
from services.jobs.methods import Right, Rights
from services.records.engine import Records

_PERMISSIONS: Mapping[int, str] = {
    pb.JOB_KIND_CREATE_FIELD: "schema.write",
    pb.JOB_KIND_UPDATE_FIELD: "schema.write",
    pb.JOB_KIND_CHANGE_FIELD: "schema.write",
    pb.JOB_KIND_REPLACE_FIELD_OPTION: "schema.write",
    pb.JOB_KIND_REPLAY_WEBHOOK: "webhook.write",
    pb.JOB_KIND_MOVE_SANDBOX_CLOCK: "sandbox.write",
}


def job_rights(every: Mapping[str, Records[Any]]) -> Rights:
    """What to check for each kind of job; `every` are the records of all kinds."""
    kinds = every["job"].kinds
    resources = Resources(kinds)

    async def of_import(caller: Caller, job: pb.Job) -> None:
        given = await _subject(every["import"], caller, job)
        if given is not None:
            check_rows_rights(caller, kind_of(kinds, given.resource), given)

    async def of_export(caller: Caller, job: pb.Job) -> None:
        given = await _subject(every["export"], caller, job)
        if given is not None:
            resources.check(caller, given.resources)

    fixed = {kind: _takes(permission) for kind, permission in _PERMISSIONS.items()}
    return fixed | {pb.JOB_KIND_IMPORT: of_import, pb.JOB_KIND_EXPORT: of_export}


async def _subject(records: Records[Any], caller: Caller, job: pb.Job) -> Any:
    """What the job is about, None if that has gone."""
    its = caller.business_id, job.subject_id
    row = await records.database.row(records.compiled.get_sql, *its)
    return None if row is None else records.codec.read(row, caller.business_id)


def _takes(permission: str) -> Right:
    async def check(caller: Caller, _: pb.Job) -> None:
        check_permission(caller, permission)

    return check
