"""Conditions on external ids: which record has one is looked up in `unique_values`.

Its primary key finds the record of an id at once, whatever other systems know of the
records. No index of the record's own table holds external ids.
"""

from collections.abc import Sequence

from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.kinds.record_type import Field
from services.postgres.sql_parts import Parameters, Place, Sql, Varying, one_of_ids


def external_condition(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    """The SQL of one condition on the id that a record has in a system."""
    key = p.place(item.key, "text")
    if operator == Op.OPERATOR_IS_EMPTY:
        return (f"({item.sql} -> {key}) IS NULL",)
    if not item.holder:  # of deleted records, which hold no row there
        place = p.place(values, "text[]")
        return (f"({item.sql} ->> {key}) = ANY({place})",)
    row = _rows(item, key, p)
    if operator == Op.OPERATOR_EQ:
        return (f"r.id = ({row} AND u.value = {p.place(values[0], 'text')})",)
    several = (f"{row} AND u.value = ANY({p.place(values, 'text[]')})",)
    return "r.id ", *one_of_ids(several)


def has_external_id(item: Field, p: Parameters) -> Sql:
    """That a record has an id in a system.

    Row by row the record tells it; an index finds all that have one.
    """
    key = p.place(item.key, "text")
    by_index = f"r.id IN ({_rows(item, key, p)})"
    return (Varying(by_index, f"({item.sql} ? {key}) IS TRUE"),)


def _rows(item: Field, key: Place, p: Parameters) -> str:
    """The rows of `unique_values` that hold ids of the system."""
    holder = item.name.partition(".")[0]
    return (
        f"SELECT u.record_id FROM unique_values AS u WHERE u.business_id = {p.tenant}"
        f" AND u.object = {p.object or item.holder}"
        f" AND u.key = '{holder}.' || {key}"
    )
