"""Formulas: their expressions are checked, and records follow each change of a schema.

All that `settle` does runs in the transaction that writes a definition, after the
tenant's row is locked. A record that is computed again gets a new version, so that no
write which was computed by the schema before comes through.
"""

import asyncio
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import now
from services.errors import FieldUsed, JobRunning, Unavailable, ValidationFailed
from services.faults import Fault
from services.kinds.custom_fields import Json
from services.kinds.expressions.programs import Kind, check
from services.kinds.expressions.reading import WrongExpressionError, translated
from services.kinds.formulas import nameable, value_of
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.own_schemas import compile_schema
from services.kinds.record_type import Kinds
from services.postgres.database import Database, Transaction
from services.record_messages import home_of
from services.records.log.actor import acting
from services.records.many.statements import give_values_sql
from services.records.rows import RowCodec
from services.records.values.typed_statements import forget_key_sql
from services.schema import definitions, existing

_RESULTS = {
    Kind.TEXT: pb.FIELD_RESULT_STRING,
    Kind.NUMBER: pb.FIELD_RESULT_NUMBER,
    Kind.BOOLEAN: pb.FIELD_RESULT_BOOLEAN,
}
_MOST = existing.MOST_RECORDS
# So many seconds are computed before others get their turn.
_AT_ONCE = 0.005


class Formulas:
    """What definitions of formulas, and of the fields that they name, need."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._codec = RowCodec(kinds["field"])
        self._sql = (
            f"SELECT {self._codec.columns} FROM fields AS r"
            " WHERE r.business_id = $1 AND r.object = $2 AND r.deleted_at IS NULL"
        )

    async def fields_of(
        self, database: Database | Transaction, business_id: str, name: str
    ) -> OwnFields:
        """All fields that a tenant has defined for a type of record, as of now."""
        rows = await database.rows(self._sql, business_id, name)
        found = [self._codec.read(row, business_id) for row in rows]
        return compile_schema(found, 1).of(name)

    def prepare(self, definition: pb.Field, own: OwnFields) -> list[Fault]:
        """Sets what a formula gives, and returns the faults of its expression."""
        if not (definition.object and definition.expression):
            return []  # which are other faults
        kind = kind_named(self._kinds, definition.object)
        try:
            given = check(definition.expression, nameable(kind, own))
        except WrongExpressionError as error:
            code = FaultCode.FAULT_CODE_INVALID
            return [Fault("field.expression", code, str(error))]
        definition.result = _RESULTS[given]
        readers = frozenset(definition.readable_by) if definition.sensitive else None
        return [
            Fault(
                "field.sensitive",
                FaultCode.FAULT_CODE_INVALID,
                f"{key} is sensitive; so must be a formula that names it, for no"
                " further roles.",
            )
            for key in _named(definition.expression)
            if not _may_read(readers, own.by_key[key])
        ]

    async def settle(
        self,
        transaction: Transaction,
        business_id: str,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        """Computes what follows from a change of a definition.

        Raises what `refuse` does, and `TooManyValues` if a job has to compute it.
        """
        where = transaction, business_id
        own, formulas = await self._following(*where, before, after)
        if formulas:
            await self.recompute(*where, after.object, own, formulas)

    async def refuse(
        self,
        transaction: Transaction,
        business_id: str,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        """Refuses a change of a definition that formulas do not allow.

        Raises `FieldUsed` if formulas name the field and it is archived, gets another
        type, or becomes sensitive where they are not; `JobRunning` if a formula names a
        field that a job works on.
        """
        await self._following(transaction, business_id, before, after)

    async def _following(
        self,
        transaction: Transaction,
        business_id: str,
        before: pb.Field | None,
        after: pb.Field,
    ) -> tuple[OwnFields, list[OwnField]]:
        """The formulas that have to be computed after a change, with all fields."""
        own = await self.fields_of(transaction, business_id, after.object)
        if after.type == pb.FIELD_TYPE_FORMULA:
            if after.archived:
                return own, []
            _refuse_busy(after, own)
            self._prepared(after, own)
            computes = (
                before is None or before.archived or _computes_else(before, after)
            )
            return own, [own.by_key[after.key]] if computes else []
        users = users_of(own, after.key)
        if before is None or not users:
            return own, []
        _refuse_used(before, after, own.by_key[after.key], users)
        follow = after.options != before.options
        return own, users if follow or definitions.is_stricter(after, before) else []

    def _prepared(self, definition: pb.Field, own: OwnFields) -> None:
        """Checks a formula once more: the fields that it names may have changed."""
        result = definition.result
        if faults := self.prepare(definition, own):
            raise ValidationFailed(faults)
        if definition.result != result:
            raise Unavailable

    async def recompute(
        self,
        transaction: Transaction,
        business_id: str,
        name: str,
        own: OwnFields,
        formulas: Sequence[OwnField],
    ) -> None:
        """Computes formulas of all records that may have a value or get one.

        All of them get a new version, also those whose value stays. Raises
        `TooManyValues`, and has locked none then, if a job has to compute them.
        """
        kind = kind_named(self._kinds, name)
        codec, keys = RowCodec(kind), self.keys_of(name, own, formulas)
        given = "" if keys is None else " AND r.custom_fields ?| $2"
        values = [business_id] if keys is None else [business_id, keys]
        home = home_of(name)
        found = (
            f"FROM {home.table} AS r WHERE r.business_id = $1"
            f" AND r.deleted_at IS NULL{home.condition}{given}"
        )
        counted = f"SELECT count(*) FROM (SELECT {found} LIMIT {_MOST + 1}) AS found"
        row = await transaction.row(counted, *values)
        if row is not None and row[0] > _MOST:
            raise existing.TooManyValues
        rows = await transaction.rows(
            f"SELECT {codec.columns} {found} ORDER BY r.created_at, r.id"
            " FOR UPDATE OF r",
            *values,
        )
        records = (codec.read(row, business_id) for row in rows)
        computed = await values_of(formulas, records, own)
        for each in formulas:
            await _store(transaction, business_id, name, each, computed[each.key])

    def keys_of(
        self, name: str, own: OwnFields, formulas: Iterable[OwnField]
    ) -> list[str] | None:
        """The keys without which a record has no value, None if there are no such keys.

        A formula that names a built-in field may give something for every record, and
        so may one that gives something where nothing is set.
        """
        found = []
        for each in formulas:
            nothing: Any = kind_named(self._kinds, name).message()
            read = translated(each.formula)
            is_own = len(read.keys) == len(set(read.paths))
            if not is_own or value_of(each, nothing, own) is not None:
                return None
            found += [each.key, *read.keys]
        return found


async def values_of(
    formulas: Sequence[OwnField], records: Iterable[Any], own: OwnFields
) -> dict[str, dict[str, Json]]:
    """The values of formulas by their keys and the records' ids.

    Others get their turn meanwhile, and so does who cancels this.
    """
    computed: dict[str, dict[str, Json]] = {each.key: {} for each in formulas}
    begun = monotonic()
    for record in records:
        for each in formulas:
            computed[each.key][record.id] = value_of(each, record, own)
            if monotonic() - begun >= _AT_ONCE:
                await asyncio.sleep(0)
                begun = monotonic()
    return computed


def users_of(own: OwnFields, key: str) -> list[OwnField]:
    """The formulas that name a field."""
    return [each for each in own.formulas if key in _named(each.formula)]


def _named(expression: str) -> Sequence[str]:
    return translated(expression).keys


def _may_read(readers: frozenset[str] | None, named: OwnField) -> bool:
    """Whether all roles that read a formula read a field that it names."""
    if named.readers is None:
        return True
    return readers is not None and readers <= named.readers


def _refuse_busy(formula: pb.Field, own: OwnFields) -> None:
    """Refuses a formula of a field whose values a job changes."""
    for key in _named(formula.expression):
        if key in own.by_key and not own.by_key[key].is_settled:
            raise JobRunning(f"A job works on the definition of {key}.")


def _computes_else(before: pb.Field, after: pb.Field) -> bool:
    return before.expression != after.expression or (
        before.HasField("decimals"),
        before.decimals,
    ) != (after.HasField("decimals"), after.decimals)


def _refuse_used(
    before: pb.Field, after: pb.Field, own: OwnField, users: Sequence[OwnField]
) -> None:
    """Refuses what formulas that name the field do not allow."""
    if after.archived or after.type != before.type:
        stand_in = [each.key for each in users]
        what = "Archive or change them first"
    else:
        stand_in = [each.key for each in users if not _may_read(each.readers, own)]
        what = "They must be sensitive too, for no further roles"
    if stand_in:
        named = ", ".join(stand_in)
        raise FieldUsed(f"{after.key} is named by formulas: {named}. {what}.", stand_in)


async def _store(
    transaction: Transaction,
    business_id: str,
    name: str,
    formula: OwnField,
    computed: dict[str, Json],
) -> None:
    await transaction.run(forget_key_sql("$3"), business_id, formula.key, name)
    if not computed:
        return
    sql = give_values_sql(home_of(name).table)
    given = business_id, formula.key, now(), computed, acting()
    await transaction.run(sql, *given)
    fitting = {each: value for each, value in computed.items() if value is not None}
    if fitting:
        await existing.keep(transaction, business_id, name, formula, fitting)
