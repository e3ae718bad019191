"""Why a merge cannot be undone: others have by now what the records would get back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.caller import Call
from services.errors import ValidationFailed
from services.faults import Fault
from services.merging.reviving import Gone, restored
from services.merging.survivors import Rewritten, survivor_written
from services.records import own_writes
from services.records.engine import Records


async def refuse_taken(
    call: Call,
    records: Records[Any],
    rewritten: Rewritten,
    gone: Sequence[Gone],
    error: Exception,
) -> None:
    """Raises `ValidationFailed` for values of the records that others have by now.

    An error that says something else is raised again.
    """
    own, where = rewritten.own, (records.database, records.compiled, call.caller)
    others = [restored(call, records, each, each.again(own), own) for each in gone]
    for written in (survivor_written(call, records, rewritten), *others):
        try:
            await own_writes.refuse_taken(*where, written, error, "")
        except ValidationFailed as refusal:
            faults = of_request(refusal, records.kind.resource).faults
            if lasting := [each for each in faults if not _frees(rewritten, each)]:
                raise ValidationFailed(lasting) from None


def _frees(rewritten: Rewritten, fault: Fault) -> bool:
    """Whether the survivor has a value that it would give back."""
    struct, _, key = fault.field.partition(".")
    if fault.holder != rewritten.before.id or not key:
        return False
    states = rewritten.before, rewritten.after
    had, has = (getattr(each, struct).fields.get(key) for each in states)
    return bool(had != has)


def of_request(error: ValidationFailed, resource: str) -> ValidationFailed:
    """The faults of a record as those of a request that holds none."""
    at = f"{resource}."
    faults = [replace(e, field=e.field.removeprefix(at)) for e in error.faults]
    return ValidationFailed(faults)
