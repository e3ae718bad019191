"""Erases a record, and what other places hold of it, in one transaction.

Its locks are taken in the order of all locks: jobs, the tenant's definitions, the
record, what is linked to it. From then on nobody writes a value of the record that the
statements after would not see.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import erasures_pb2 as pb
from prospectconnect.events.v1.webhooks_pb2 import Webhook

from services.caller import Call
from services.clock import to_timestamp
from services.erasure import places
from services.erasure.known import known_as
from services.erasure.named_fields import NamedFields, named_fields
from services.erasure.stopped_webhooks import Stopping
from services.erasure.subject import (
    ChangedMeanwhileError,
    Subject,
    find_subject,
    linked_kinds,
)
from services.errors import Unavailable
from services.gates.figures import Figures
from services.iam import audit
from services.ids import is_id
from services.kinds.own_fields import NO_SCHEMA, Schema
from services.postgres.database import Transaction
from services.records import commands
from services.records.compiled import CompiledKind
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.erasing import statements as sql
from services.records.erasing import tombstones
from services.records.idempotency import key_values
from services.records.statements import key_sql, schema_sql
from services.sealed.secret_keys import SecretKeys

AUDITED = "contact_erased"


class Erasures:
    """Erases records of one kind, which are people, from all places."""

    def __init__(
        self,
        records: Records[Any],
        webhooks: CompiledKind[Webhook],
        figures: Figures | None,
        keys: SecretKeys,
        every: Sequence[places.Place] = places.PLACES,
    ) -> None:
        self._records, self._figures, self._places = records, figures, every
        self._keys = keys
        self._stopping = Stopping(records.database, webhooks)
        self._linked = linked_kinds(records.kind, records.kinds)
        self._fields = named_fields(records.kinds.values(), NO_SCHEMA)

    async def erase(self, call: Call, request: Any) -> pb.Erasure:
        """Erases a record, living or deleted, and returns the report.

        Raises `NotFound` if the caller sees none, `Gone` if it was erased before, and
        `EtagMismatch`.
        """
        records, record_id = self._records, request.id
        if not is_id(records.kind.policy.id_prefix, record_id):
            where = records.database, records.kind, call.caller
            raise await tombstones.missing(*where, record_id)
        for _ in range(MOST_ATTEMPTS):
            schema = await records.schema_of(call.caller)
            run = partial(self._erase, call, request, schema)
            try:
                report = await records.database.in_transaction(run)
            except ChangedMeanwhileError:
                await records.look_again(call)
                continue
            if self._figures is not None and not call.is_dry:
                self._figures.erasures += 1
            return report
        raise Unavailable

    async def _erase(
        self, call: Call, request: Any, schema: Schema, transaction: Transaction
    ) -> pb.Erasure:
        """Erases a record. Raises `ChangedMeanwhileError`, which writes nothing."""
        caller = call.caller
        if call.key is not None:
            values = key_values(call, Empty())
            await transaction.run(key_sql(), caller.business_id, *values)
        await transaction.rows(sql.LOCK_JOBS_SQL, caller.business_id)
        guard = schema_sql(2, "guarded")
        if await transaction.row(guard, caller.business_id, schema.generation) is None:
            raise ChangedMeanwhileError
        where = self._records, caller, request
        subject = await find_subject(transaction, *where, self._linked)
        known = await known_as(transaction, caller.business_id, subject.ids)
        report = pb.Erasure(
            id=subject.id,
            erased_at=to_timestamp(subject.moment),
            erased_by=caller.user_id,
            reason=request.reason,
        )
        erasing = places.Erasing(
            transaction=transaction,
            call=call,
            compiled=self._records.compiled,
            schema=schema,
            fields=self._fields_of(schema),
            subject=subject,
            persons=known[0],
            addresses=known[1],
            include_shared=request.include_shared,
            report=report,
            key=self._keys.sealing,
        )
        for place in self._places:
            await place(erasing)
        report.destroyed.stopped_webhooks = await self._stopping.stop(
            transaction, call, erasing.wider_webhooks
        )
        await _leave_traces(transaction, call, subject, request.reason)
        await commands.answer_again(transaction, call, report)
        return report

    def _fields_of(self, schema: Schema) -> NamedFields:
        """What fields hold. Only a tenant with fields of its own has them read anew."""
        if not schema.by_object:
            return self._fields
        return named_fields(self._records.kinds.values(), schema)


async def _leave_traces(
    transaction: Transaction, call: Call, subject: Subject, reason: str
) -> None:
    """Leaves the tombstone, and tells the audit who erased which record and why."""
    record = subject.record
    told = record.id, record.owner_id, subject.moment, reason
    await tombstones.set_tombstone(transaction, call, *told)
    await audit.record(
        transaction, audit.by_caller(call, AUDITED, record.id, reason=reason)
    )
