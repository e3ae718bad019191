"""The operations of a batch, read from its request, and how they depend on each other.

`@name` in a field that takes an id stands for the record of the earlier operation with
this `ref`. Any other `@name` stays as it is, and no record is found by it: see
`unknown_refs`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError, Message
from prospectconnect.crm.v1.upserts_pb2 import UPSERT_STATUS_CREATED
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.batches.errors import DependencyFailed
from services.batches.runnables import CREATE, UPSERT, Runnable, Runnables
from services.caller import Caller
from services.errors import (
    BadRequest,
    ServiceError,
    ValidationFailed,
)
from services.faults import Fault
from services.gates.door import MOST_BYTES
from services.kinds.own_fields import NO_SCHEMA, Schema
from services.kinds.sensitive import fields_of

MOST = 200
LONGEST_REF = 64

# How a read asks for less than whole records, or for more.
PARTS = ("fields", "expand")


class Link(NamedTuple):
    """Where an operation takes the id of the record of another one."""

    holder: Any
    name: str
    operation: "Operation"


@dataclass(slots=True)
class Operation:
    """An operation, and what became of it. Without an error it has an answer.

    `changed_nothing`: its record was already as it would have made it. `past` are the
    moments of a record that was made elsewhere.
    """

    index: int
    ref: str
    runnable: Runnable | None = None
    request: Any = None
    unread: Sequence[str] = ()
    links: list[Link] = field(default_factory=list)
    answer: Message | None = None
    error: ServiceError | None = None
    changed_nothing: bool = False
    past: Mapping[str, int] = field(default_factory=dict)

    @property
    def record_id(self) -> str:
        """The id of the record that it answered with; empty if there is none."""
        record = getattr(self.answer, "data", self.answer)
        return str(getattr(record, "id", ""))

    @property
    def has_created(self) -> bool:
        """Whether its record is a new one."""
        if self.answer is None or self.runnable is None:
            return False
        if self.runnable.verb != UPSERT:  # other records have a status, too
            return self.runnable.verb == CREATE
        return bool(self.answer.status == UPSERT_STATUS_CREATED)  # type: ignore[attr-defined]  # an upsert's

    def resolve(self) -> None:
        """Writes the ids of earlier records into the request.

        It gets an error if one that it depends on failed.
        """
        failed = [each.operation for each in self.links if each.operation.error]
        if failed:
            self.error = DependencyFailed(min(map(_first_to_fail, failed)))
            return
        for holder, name, operation in self.links:
            if operation.record_id:
                setattr(holder, name, operation.record_id)


def _first_to_fail(operation: Operation) -> int:
    error = operation.error
    is_second = isinstance(error, DependencyFailed)
    return error.depends_on if is_second else operation.index  # type: ignore[union-attr]  # by `is_second`


def read_operations(
    request: Any, runnables: Runnables, service: str, schema: Schema, caller: Caller
) -> list[Operation]:
    """Reads the operations of a request, those of one service if it is given.

    Raises `ValidationFailed` for faults of the batch itself.
    """
    _check_batch(request)
    operations: list[Operation] = []
    named: dict[str, Operation] = {}
    for index, given in enumerate(request.operations):
        operation = Operation(index, given.ref, unread=given.unread)
        try:
            _read(operation, given.request, runnables, service)
        except ServiceError as error:
            operation.error = error
        else:
            operation.links = list(_links(operation, named, schema, caller))
        operations.append(operation)
        if given.ref:
            named[given.ref] = operation
    return operations


def _check_batch(request: Any) -> None:
    given, faults = request.operations, []
    if not given:
        code, message = FaultCode.FAULT_CODE_REQUIRED, "Give operations."
        faults.append(Fault("operations", code, message))
    if len(given) > MOST:
        message = f"Give no more than {MOST} operations."
        faults.append(Fault("operations", FaultCode.FAULT_CODE_TOO_MANY, message))
    seen: set[str] = set()
    for index, each in enumerate(given[:MOST]):
        if each.ref and each.ref in seen:
            code, message = (
                FaultCode.FAULT_CODE_NOT_UNIQUE,
                "Another operation has this ref; give each its own.",
            )
            faults.append(Fault(f"operations[{index}].ref", code, message))
        if len(each.ref) > LONGEST_REF:
            code = FaultCode.FAULT_CODE_TOO_LONG
            message = f"Give at most {LONGEST_REF} characters."
            faults.append(Fault(f"operations[{index}].ref", code, message))
        seen.add(each.ref)
    if faults:
        raise ValidationFailed(faults)


def _read(
    operation: Operation, packed: Any, runnables: Runnables, service: str
) -> None:
    found = runnables.get(packed.type_url.rpartition("/")[2])
    if found is None or service not in ("", found.service):
        code, message = FaultCode.FAULT_CODE_INVALID_CHOICE, "No such operation."
        raise ValidationFailed([Fault("request", code, message)])
    if len(packed.value) > MOST_BYTES:
        raise BadRequest(f"An operation has at most {MOST_BYTES} bytes.")
    try:
        request: Any = found.method.request.FromString(packed.value)
    except DecodeError:
        raise BadRequest("The request is not a message of the method.") from None
    request.DiscardUnknownFields()
    _refuse_parts(request)
    operation.runnable, operation.request = found, request


def _refuse_parts(request: Any) -> None:
    """Refuses a get that asks for parts or for records that come along.

    A stored answer is limited for the caller who gets it again. What came along with a
    record is not.
    """
    code = FaultCode.FAULT_CODE_INVALID
    message = "Leave it out: a get in a batch answers with the whole record."
    faults = [
        Fault(name, code, message) for name in PARTS if getattr(request, name, None)
    ]
    if faults:
        raise ValidationFailed(faults)


def _links(
    operation: Operation, named: dict[str, Operation], schema: Schema, caller: Caller
) -> Iterator[Link]:
    """Where an operation takes ids of records that earlier ones make."""
    if not named:
        return
    for holder, name, _ in places(operation, schema, caller):
        value = getattr(holder, name)
        if value[:1] == "@" and (found := named.get(value[1:])) is not None:
            yield Link(holder, name, found)


def places(
    operation: Operation, schema: Schema, caller: Caller
) -> Iterator[tuple[Any, str, str]]:
    """Every place that takes an id: the request's own, references, and ends.

    Yields the message that has the field, the field, and its path in the request.
    """
    runnable, request = operation.runnable, operation.request
    assert runnable is not None  # noqa: S101 - the operation was read
    if "id" in request.DESCRIPTOR.fields_by_name:
        yield request, "id", "id"
    kind = runnable.method.written
    if kind is None:
        return
    record = getattr(request, kind.resource)
    for item in kind.fields:
        if item.references or item.policy.end or item.name == "id":
            yield record, item.name, f"{kind.resource}.{item.name}"
    if schema is NO_SCHEMA or "custom_fields" not in kind.by_name:
        return
    slug = runnable.method.object_field
    its = getattr(request, slug) if slug else kind.table
    values = record.custom_fields.fields
    for each in fields_of(schema, its, caller).references:
        if each.key in values:
            path = f"{kind.resource}.custom_fields.{each.key}"
            yield values[each.key], "string_value", path
