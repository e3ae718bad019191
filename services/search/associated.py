"""Filters on associated records: `associations.TYPE`, or one field of these records.

A condition holds when some associated record that the caller sees fulfils it. It is
written in two ways that mean the same. By index: the associated records that fulfil it
lead to the records. Row by row: the associations of the record lead to them. Each level
of a statement calls the record that it is about `r`, an association `x`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.caller import Caller
from services.faults import Faults
from services.kinds.association_types import AssociationType
from services.kinds.objects import ObjectRecords, records_of
from services.kinds.own_fields import Schema
from services.kinds.record_type import Field, FieldType, Kinds
from services.kinds.sensitive import fields_of
from services.postgres.sql_parts import (
    Condition,
    Parameters,
    Sql,
    Varying,
    all_of,
    by_index,
    row_by_row,
)
from services.records.visibility import visible
from services.search.fields import filtered_field, refusal
from services.search.operators import NEGATIVE, condition, is_narrow

PREFIX = "associations."
INVERSE = "inverse"

# Each such condition looks at several records for each record of a search.
MOST = 10


@dataclass(frozen=True, slots=True)
class Associated:
    """What a filter compares: a field of associated records, or these themselves.

    `seen` is the condition on those that the caller sees, "" for all.
    """

    field: Field
    type: AssociationType
    inverse: bool
    other: ObjectRecords
    seen: str
    user: str

    def condition(
        self, operator: Op.ValueType, values: Sequence[Any], p: Parameters
    ) -> Condition:
        """The condition on a record."""
        slug = self.other.slug if self.other.kind.object_field else ""
        with p.about(slug):
            return self._condition(operator, values, p)

    def _condition(
        self, operator: Op.ValueType, values: Sequence[Any], p: Parameters
    ) -> Condition:
        if self.field.type is not FieldType.ASSOCIATED:
            inner = condition(self.field, operator, values, p)
            narrow = is_narrow(self.field, operator)
            return Condition(self._some(inner, p), narrow, dear=True)
        if operator in (Op.OPERATOR_IS_NOT_EMPTY, Op.OPERATOR_IS_EMPTY):
            # In both renderings: PostgreSQL joins by a hash, where an array of all
            # associations would be looked through for each record.
            any_one = self._row_by_row(self._seen(p), p)
            is_not = "NOT " if operator == Op.OPERATOR_IS_EMPTY else ""
            return Condition((f"{is_not}{any_one}",), dear=not is_not)
        ids = p.place(list(values), "text[]")
        if operator == Op.OPERATOR_ALL_OF:
            return Condition(self._all_of(values, p), narrow=True)
        some = self._some((f"r.id = ANY({ids})",), p)
        if operator in NEGATIVE:
            return Condition(("(", *some, ") IS NOT TRUE"))
        return Condition(some, narrow=True)

    def _all_of(self, values: Sequence[str], p: Parameters) -> Sql:
        """The first of the records is there, and none of all of them is not."""
        ids = p.place(list(values), "text[]")
        one = self._some((f"r.id = {p.place(values[0], 'text')}",), p)
        each = self._row_by_row(_both(self._seen(p), "r.id = w.id"), p)
        missing = f"SELECT FROM unnest({ids}) AS w (id) WHERE NOT {each}"
        return all_of([one, (f"NOT EXISTS ({missing})",)])

    def _some(self, inner: Sql, p: Parameters) -> Sql:
        """That some associated record fulfils a condition, empty for any record."""
        seen = self._seen(p)  # once: both ways have the same parameters
        found = self._by_index(_both(seen, by_index(inner)), p)
        return (Varying(found, self._row_by_row(_both(seen, row_by_row(inner)), p)),)

    def _seen(self, p: Parameters) -> str:
        """The condition on records that the caller sees."""
        return self.seen and self.seen.format(
            tenant=p.tenant, user=p.place(self.user, "text")
        )

    def _by_index(self, inner: str, p: Parameters) -> str:
        link, tenant = self.type.link_field, p.tenant
        records = self._records(inner, p)
        if link and self.inverse:
            return (
                f"r.id = ANY(ARRAY(SELECT r.{link} {records} AND r.{link} IS NOT NULL))"
            )
        if link:
            return f"r.{link} = ANY(ARRAY(SELECT r.id {records}))"
        near, far = self._ends
        stored = (
            f"x.business_id = {tenant} AND x.type = '{self.type.key}'"
            " AND x.deleted_at IS NULL"
        )
        joined = f"JOIN associations AS x ON x.{far} = r.id AND {stored}"
        records = self._records(inner, p, joined)
        return f"r.id = ANY(ARRAY(SELECT x.{near} {records}))"

    def _row_by_row(self, inner: str, p: Parameters) -> str:
        link = self.type.link_field
        if link and self.inverse:
            source, found = "(SELECT r.id AS id) AS x", f"r.{link} = x.id"
        elif link:
            source, found = f"(SELECT r.{link} AS id) AS x", "r.id = x.id"
        else:
            near, far = self._ends
            source = (
                f"associations AS x WHERE x.business_id = {p.tenant}"
                f" AND x.{near} = r.id AND x.type = '{self.type.key}'"
                " AND x.deleted_at IS NULL"
            )
            if not inner:
                return f"EXISTS (SELECT FROM {source})"
            records = self._records(inner, p)
            return (
                f"EXISTS (SELECT FROM {source}"
                f" AND EXISTS (SELECT {records} AND r.id = x.{far}))"
            )
        records = self._records(inner, p)
        return (
            f"EXISTS (SELECT FROM {source} WHERE EXISTS (SELECT {records} AND {found}))"
        )

    @property
    def _ends(self) -> tuple[str, str]:
        """The columns of the record and of the associated one."""
        return ("to_id", "from_id") if self.inverse else ("from_id", "to_id")

    def _records(self, inner: str, p: Parameters, joined: str = "") -> str:
        """The associated records that fulfil a condition."""
        lives = f"r.business_id = {p.tenant} AND r.deleted_at IS NULL"
        if p.object is not None:
            lives += f" AND r.{self.other.kind.object_field} = {p.object}"
        where = _both(lives, inner)
        return f"FROM {self.other.kind.table} AS r {joined} WHERE {where}"


def _both(one: str, other: str) -> str:
    """That both conditions hold; one of them may be empty."""
    return " AND ".join(each for each in (one, other) if each)


class Associations:
    """The associations of the records of one search, as its caller sees them.

    `slug` is the object of the records.
    """

    def __init__(self, slug: str, kinds: Kinds, caller: Caller, schema: Schema) -> None:
        self._slug = slug
        self._kinds = kinds
        self._caller = caller
        self._schema = schema
        self._conditions = 0

    def named(self, name: str, path: str, faults: Faults) -> Associated | None:
        """What the field of a filter names; None after a fault."""
        self._conditions += 1
        if self._conditions > MOST:
            message = f"A search holds at most {MOST} conditions on associated records."
            faults.add(path, FaultCode.FAULT_CODE_TOO_MANY, message)
            return None
        found = self._found(name)
        if isinstance(found, str):
            faults.add(path, FaultCode.FAULT_CODE_INVALID_CHOICE, found)
            return None
        return found

    def _found(self, name: str) -> Associated | str:
        """What a name stands for, or why it stands for nothing."""
        key, dot, rest = name.removeprefix(PREFIX).partition(".")
        inverse, _, after = rest.partition(".")
        is_inverse = inverse == INVERSE
        if is_inverse:
            rest, dot = after, rest.removeprefix(INVERSE)
        if dot and not rest:
            return "Name a field of the associated records after the dot."
        found = self._schema.association_type(key)
        if found is None:
            return f"There is no association type {key[:64]!r}."
        near, far = found.from_object, found.to_object
        if is_inverse:
            near, far = far, near
        if near != self._slug:
            return other_end(found, self._slug, far)
        return self._of(found, far, rest, inverse=is_inverse)

    def _of(
        self, found: AssociationType, slug: str, rest: str, *, inverse: bool
    ) -> Associated | str:
        other, caller = records_of(self._kinds, slug), self._caller
        if not caller.may(f"{other.kind.resource}.read"):
            return f"To filter by associated {slug} takes the permission to read them."
        field: Field | None = _itself(other.kind.by_name["id"])
        if rest:
            own = fields_of(self._schema, slug, caller, searching=True)
            field = filtered_field(other.kind, rest, own)
        if field is None:
            return refusal(other.kind, rest, 3)
        seen = visible(other.kind, caller, self._kinds)
        return Associated(field, found, inverse, other, seen, caller.user_id)


def _itself(record_id: Field) -> Field:
    """The field that stands for the associated records themselves."""
    return replace(record_id, name="id", type=FieldType.ASSOCIATED)


def other_end(found: AssociationType, slug: str, far: str) -> str:
    """Why a type does not lead from the records of a search in this direction."""
    if far != slug:
        return f"Associations of {found.key} are not of {slug}."
    way = f".{INVERSE}" if found.to_object == slug else ""
    return f"From {slug} the type leads by {PREFIX}{found.key}{way}."
