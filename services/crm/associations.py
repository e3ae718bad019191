"""Associations: connections of two records, by a type that the tenant has.

They take the permissions of the records that they connect. What a type allows is held
by unique indexes; the records are locked by the statement that associates them, so that
none is deleted meanwhile. The tenant's first association counts the generation of its
schema up: deletions look for associations from then on.
"""

from dataclasses import replace
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import associations_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.answers.reading import by_ids
from services.caller import Call, Caller, current_call
from services.crm.association_rules import (
    AT,
    SAME,
    TAKEN,
    around_of,
    around_restored,
    refuse_restored,
    refuse_taken,
    type_faults,
)
from services.errors import NotFound, Unavailable, ValidationFailed
from services.faults import Fault
from services.gates.permissions import check_permission
from services.kinds import masks
from services.kinds.association_types import AssociationType
from services.kinds.objects import ObjectRecords, records_of
from services.kinds.own_fields import Schema
from services.kinds.record_type import RecordType
from services.records import commands
from services.records.association_statements import (
    COUNT_SQL,
    FIND_SQL,
)
from services.records.behaviour import Behaviour
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.idempotency import FAILED_WRITES, violates
from services.records.own_values import OwnValues
from services.records.references import Reference, end_reference, missing
from services.records.restoring.restoring import Restoring

# How many associations of a type a record may have. Calls at the same time may pass it
# by their number: what would prevent it is a lock that all of them wait for.
MOST = 10_000

_BOUND = ("from_id", "to_id")


class AssociationMethods:
    """The methods of associations, as the proto describes them."""

    def __init__(self, records: Records[pb.Association]) -> None:
        self._records = records
        self._restoring = Restoring(records, {}, self._restored)
        kinds = records.kinds.values()
        self._by_prefix = {each.policy.id_prefix: each for each in kinds}
        self._reads = frozenset(f"{each.resource}.read" for each in kinds)
        self.finders = {"CreateAssociation": self._find}

    async def GetAssociation(
        self, request: pb.GetAssociationRequest, _: Any
    ) -> pb.Association:
        call = current_call()
        found = await self._records.get(self._reader(call.caller), request.id)
        for end in (found.from_id, found.to_id):
            check_permission(call.caller, f"{self._kind_of(end).resource}.read")
        if call.asked is None:
            return found
        parts: dict[str, pb.Association]
        parts = await by_ids(self._records, call, (request.id,))
        if request.id not in parts:  # deleted meanwhile
            raise NotFound
        return parts[request.id]

    def _reader(self, caller: Caller) -> Caller:
        """The same user, if scopes and role granted reading: sees what they refuse."""
        return replace(
            caller,
            scope_permissions=caller.scope_permissions | self._reads,
            role_permissions=caller.role_permissions | self._reads,
        )

    async def CreateAssociation(
        self, request: pb.CreateAssociationRequest, _: Any
    ) -> pb.Association:
        call, given, records = current_call(), request.association, self._records
        for _attempt in range(MOST_ATTEMPTS):
            schema = await records.schema_of(call.caller)
            found = schema.association_type(given.type)
            faults = type_faults(given, found)
            if faults or found is None:
                raise ValidationFailed(faults)
            ends = self._ends(found)
            check_permission(call.caller, f"{ends[0].kind.resource}.write")
            await self._refuse_too_many(call.caller, given)
            try:
                made = await self._create(call, schema, found, ends, given)
            except FAILED_WRITES as error:
                if not any(violates(error, each) for each in (SAME, *TAKEN)):
                    raise
                made = await self._same(call, given)
                if made is None:
                    refuse_taken(error)
            if made is not None:
                return made
            for name in _BOUND:  # an end may be a merged record
                end = getattr(given, name)
                setattr(given, name, call.survivors.get(end, end))
        raise Unavailable

    async def UpdateAssociation(
        self, request: pb.UpdateAssociationRequest, _: Any
    ) -> pb.Association:
        call, kind = await self._to_write(request.id), self._records.kind
        change = masks.writer(kind, request)
        changed = await self._records.update(call, request.id, change, request.etag)
        written = masks.written_paths(kind, request)
        return self._shown(current_call().caller, changed, written)

    async def DeleteAssociation(
        self, request: pb.DeleteAssociationRequest, _: Any
    ) -> Empty:
        call = await self._to_write(request.id)
        await self._records.delete(call, request.id, request.etag)
        return Empty()

    async def RestoreAssociation(
        self, request: pb.RestoreAssociationRequest, _: Any
    ) -> pb.Association:
        call = _by_role(current_call())
        found, _deleted = await self._restoring.found(call, request.id)
        resource = self._kind_of(found.from_id).resource
        check_permission(current_call().caller, f"{resource}.write")
        try:
            return await self._restoring.restore(
                call, request.id, request.etag, around_restored(call.caller)
            )
        except FAILED_WRITES as error:
            refuse_restored(error)
            raise

    def _restored(self, association: pb.Association) -> pb.Association:
        return self._shown(current_call().caller, association, ())

    async def _to_write(self, association_id: str) -> Call:
        """Returns the call as one that may write an association.

        Raises `NotFound` if the user sees none, and an error of permissions.
        """
        call = _by_role(current_call())
        found = await self._records.get(call.caller, association_id)
        resource = self._kind_of(found.from_id).resource
        check_permission(current_call().caller, f"{resource}.write")
        return call

    async def _create(
        self,
        call: Call,
        schema: Schema,
        found: AssociationType,
        ends: tuple[ObjectRecords, ObjectRecords],
        given: pb.Association,
    ) -> pb.Association | None:
        """Creates an association. None if the schema has changed meanwhile."""
        records = self._records
        record = records.compiled.draft(call.caller, given)
        record.cardinality = found.cardinality
        values = records.codec.values(record)
        companions = commands.Companions(
            references=self._references(call.caller, given, ends),
            events=(),
            answer=record,
            own=OwnValues("guarded", (schema.generation,)),
            change=records.compiled.creation(record, values),
        )
        command = commands.insert(call, records.kind, record, values, companions)
        around = around_of(call.caller, schema, found, record)
        if not await records.run(call, (record, command, companions), around):
            return None
        if not schema.has_associations:
            await records.look_again(call)
        return record

    def _references(
        self,
        caller: Caller,
        given: pb.Association,
        ends: tuple[ObjectRecords, ObjectRecords],
    ) -> list[Reference]:
        """The records that are associated, in the order of locks."""
        kinds = self._records.kinds
        order = list(kinds)
        found = [
            end_reference(caller, name, end, getattr(given, name), kinds)
            for name, end in zip(_BOUND, ends, strict=True)
        ]
        return sorted(found, key=lambda e: (order.index(e.kind.resource), e.record_id))

    async def _refuse_too_many(self, caller: Caller, given: pb.Association) -> None:
        business, pair = caller.business_id, (given.from_id, given.to_id)
        row = await self._records.database.row(
            COUNT_SQL, business, given.type, *pair, MOST
        )
        faults = [
            Fault(
                f"{AT}.{name}",
                FaultCode.FAULT_CODE_TOO_MANY,
                f"The record has {MOST} associations of the type, the most there are.",
            )
            for name, number in zip(_BOUND, row or (), strict=False)
            if number >= MOST
        ]
        if faults and await self._same_id(caller, given) is None:
            raise ValidationFailed(faults)

    async def _same_id(self, caller: Caller, given: pb.Association) -> str | None:
        values = given.type, given.from_id, given.to_id
        row = await self._records.database.row(FIND_SQL, caller.business_id, *values)
        return None if row is None else str(row[0])

    async def _same(self, call: Call, given: pb.Association) -> pb.Association | None:
        """Returns the association that connects the records already."""
        found = await self._same_id(call.caller, given)
        if found is None:
            return None
        try:
            association = await self._records.get(_by_role(call).caller, found)
        except NotFound:
            return None
        association.existed = True
        answer = self._shown(call.caller, association, ("type", *_BOUND))
        await commands.keep_answer(self._records.database, call, answer)
        return answer

    def _shown(
        self, caller: Caller, association: pb.Association, written: Any
    ) -> pb.Association:
        """Returns an association, as much of it as the caller may read."""
        ends = association.from_id, association.to_id
        if all(caller.may(f"{self._kind_of(e).resource}.read") for e in ends):
            return association
        shown = ("id", "created_at", "updated_at", *written)
        part = pb.Association()
        masks.write(part, association, (*shown, "etag", "existed"))
        part.answered_fields.extend(shown)
        return part

    def _kind_of(self, record_id: str) -> RecordType:
        return self._by_prefix[record_id[: record_id.index("_") + 1]]

    def _ends(self, found: AssociationType) -> tuple[ObjectRecords, ObjectRecords]:
        kinds = self._records.kinds
        return records_of(kinds, found.from_object), records_of(kinds, found.to_object)

    async def _find(
        self, caller: Caller, request: pb.CreateAssociationRequest
    ) -> list[Fault]:
        """Finds the faults of an association that is refused for others."""
        given, records = request.association, self._records
        schema = await records.schema_of(caller)
        found = schema.association_type(given.type)
        if found is None or (faults := type_faults(given, found)):
            return type_faults(given, found) if given.type else []
        if not caller.may(f"{self._ends(found)[0].kind.resource}.write"):
            return []
        references = self._references(caller, given, self._ends(found))
        named = [each for each in references if each.record_id]
        return faults + await missing(records.database, caller, named, AT)


def _by_role(call: Call) -> Call:
    """The same call of a token that may read all that its user may.

    What is written must be visible to the user; no scope to read it is needed.
    """
    caller = call.caller
    scopes = caller.scope_permissions | caller.role_permissions
    return replace(call, caller=replace(caller, scope_permissions=scopes))


BEHAVIOUR: Behaviour[pb.Association] = Behaviour(methods=AssociationMethods)
