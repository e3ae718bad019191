"""Says of a failed operation which of its refs no earlier operation has.

Nothing looks for such refs before: an operation with one fails anyway, since no record
has `@name` as its id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.batches.operations import LONGEST_REF, Operation, places
from services.caller import Caller
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.kinds.own_fields import Schema

_NOT_FOUND = FaultCode.FAULT_CODE_NOT_FOUND


def name_unknown_refs(
    operations: Iterable[Operation], schema: Schema, caller: Caller
) -> None:
    """Gives the operations that failed by an unknown ref an error that names it."""
    operations = list(operations)
    indexes = {each.ref: each.index for each in operations if each.ref}
    for each in operations:
        if each.runnable and isinstance(each.error, ValidationFailed | NotFound):
            _name(each, _unknown(each, indexes, schema, caller))


def _unknown(
    operation: Operation, indexes: Mapping[str, int], schema: Schema, caller: Caller
) -> dict[str, str]:
    """By the paths of unknown refs in the request, what to say of each.

    Refs that are known were replaced by ids before the operation ran.
    """
    found = {}
    for holder, name, path in places(operation, schema, caller):
        value = getattr(holder, name)
        if value[:1] == "@":
            found[path] = _message(value[1:], indexes)
    return found


def _message(ref: str, indexes: Mapping[str, int]) -> str:
    at = indexes.get(ref)
    if at is None:
        return f'No operation before this one has the ref "{ref[:LONGEST_REF]}".'
    return f'Put operations[{at}], which has the ref "{ref}", before this one.'


def _name(operation: Operation, unknown: Mapping[str, str]) -> None:
    error = operation.error
    if isinstance(error, ValidationFailed):
        faults = [
            replace(fault, code=_NOT_FOUND, message=unknown[fault.field])
            if fault.field in unknown
            else fault
            for fault in error.faults
        ]
        operation.error = ValidationFailed(faults)
    elif "id" in unknown:
        fault = Fault("id", _NOT_FOUND, unknown["id"])
        operation.error = ValidationFailed([fault])
