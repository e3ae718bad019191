"""What the type of an association allows, and what holds it beside its statement."""

from prospectconnect.crm.v1 import associations_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.association_types import BUILT_IN, AssociationType
from services.kinds.own_fields import Schema
from services.postgres.database import Transaction
from services.records.association_statements import (
    LEADS_TO_SQL,
    LOCK_SQL,
    UNLOCK_SQL,
)
from services.records.commands import Around, Command
from services.records.idempotency import violates
from services.records.restoring.restoring import Further
from services.schema.generation import COUNT_UP, LOCK

# The path of an association in the request that writes it.
AT = "association"
# The indexes that hold what a type allows, with the end that has another record.
TAKEN = {"associations_one_from": "to_id", "associations_one_to": "from_id"}
SAME = "associations_same"


def type_faults(given: pb.Association, found: AssociationType | None) -> list[Fault]:
    """Finds the faults of an association that its type refuses, None if unknown."""
    if found is None:
        code, message = FaultCode.FAULT_CODE_NOT_FOUND, "There is no such type."
        return [Fault(f"{AT}.type", code, message)]
    if found.link_field:
        code, name = FaultCode.FAULT_CODE_READ_ONLY, found.link_field
        message = f"The type follows the {name} of {found.from_object}: change that."
        return [Fault(f"{AT}.type", code, message)]
    if given.from_id == given.to_id and given.to_id:
        code, message = FaultCode.FAULT_CODE_INVALID, "Give another record."
        return [Fault(f"{AT}.to_id", code, message)]
    return []


def refuse_taken(error: Exception) -> None:
    """Refuses an association beyond what its type allows.

    Not if the type allows it: then the same association was there a moment ago.
    """
    for index, name in TAKEN.items():
        if violates(error, index):
            code = FaultCode.FAULT_CODE_NOT_UNIQUE
            message = "The record has one of this type, and can have only one."
            raise ValidationFailed([Fault(f"{AT}.{name}", code, message)])


def refuse_restored(error: Exception) -> None:
    """Refuses to restore an association if another has its place."""
    named = {SAME: "to_id"} | TAKEN
    for index, name in named.items():
        if violates(error, index):
            code = FaultCode.FAULT_CODE_NOT_UNIQUE
            message = "Another association has taken its place."
            raise ValidationFailed([Fault(name, code, message)]) from None


def around_restored(caller: Caller) -> Further:
    """The statements around the restoration of an association."""

    def around(schema: Schema, record: pb.Association) -> Around | None:
        found = BUILT_IN.get(record.type) or schema.associations.get(record.type)
        return None if found is None else around_of(caller, schema, found, record)

    return around


def around_of(
    caller: Caller, schema: Schema, found: AssociationType, record: pb.Association
) -> Around | None:
    """The statements around the tenant's first association, and around acyclic ones."""
    business = caller.business_id
    before, after, then = [], [], None
    if found.acyclic:  # first: who holds this lock waits for the tenant's row
        locked = [business, f"associations {found.key}"]
        before.append(Command(LOCK_SQL, locked))
        after.append(Command(UNLOCK_SQL, locked))
        values = business, record.to_id, record.type, record.from_id

        async def then(transaction: Transaction) -> None:
            if await transaction.row(LEADS_TO_SQL, *values) is not None:
                code = FaultCode.FAULT_CODE_INVALID
                message = "The record would lead to itself."
                raise ValidationFailed([Fault(f"{AT}.to_id", code, message)])

    if not schema.has_associations:
        before.append(Command(LOCK, [business]))
        after.append(Command(COUNT_UP, [business]))
    return Around(before, after, then) if before else None
