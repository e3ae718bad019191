"""Hides what imports tell of rows from callers who may not see such records."""

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.caller import Caller
from services.errors import PermissionDenied
from services.imports.checks import Checks
from services.records.engine import Records

# The member of a dry run's result that shows rows.
SAMPLES = "rows"


async def hide(
    checks: Checks, records: Records[pb.Import], caller: Caller, found: pb.Import
) -> None:
    """Takes the shown rows out of an import that the caller may not read."""
    if SAMPLES not in found.result.fields:
        return
    whole = found if found.resource else await records.get(caller, found.id)
    try:
        await checks.check_sight(caller, whole)
    except PermissionDenied:
        del found.result.fields[SAMPLES]
