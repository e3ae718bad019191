"""The groups of figures: by a field of the records, or by one of associated records."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from prospectconnect.type.v1.figures_pb2 import Interval

from services.aggregates.expressions import Expression, Shape, expression
from services.kinds.record_type import Field
from services.postgres.sql_parts import Parameters
from services.search.associated import Associated

UTC = "UTC"

WORDS: Mapping[int, str] = {
    Interval.INTERVAL_DAY: "day",
    Interval.INTERVAL_WEEK: "week",
    Interval.INTERVAL_MONTH: "month",
    Interval.INTERVAL_QUARTER: "quarter",
    Interval.INTERVAL_YEAR: "year",
}
# The length of an interval in SQL, which knows no quarter.
STEPS: Mapping[int, str] = {
    Interval.INTERVAL_DAY: "1 day",
    Interval.INTERVAL_WEEK: "7 days",
    Interval.INTERVAL_MONTH: "1 month",
    Interval.INTERVAL_QUARTER: "3 months",
    Interval.INTERVAL_YEAR: "1 year",
}

_FIRST = "timestamptz '0001-01-03 00:00:00Z'"
_LAST = "timestamptz '9999-12-29 00:00:00Z'"


@dataclass(frozen=True, slots=True)
class Group:
    """One field that records are grouped by. `name` is what the request calls it."""

    name: str
    value: Expression
    interval: int = Interval.INTERVAL_UNSPECIFIED

    @property
    def column_type(self) -> str:
        """The type of the column that holds the group."""
        return "date" if self.interval else self.value.column_type


def value_of(found: Field | Associated, place: int, p: Parameters) -> Expression | None:
    """The values that records are grouped by, None if a field's values make no groups.

    `place` is that of the group in the request.
    """
    if isinstance(found, Associated):
        return _reached(found, f"j{place}", p)
    return expression(found, f"j{place}", p)


def within(value: Expression, interval: int, zone: str, p: Parameters) -> Expression:
    """The first day of the interval in which a date or a time lies."""
    word = WORDS[interval]
    if value.shape is Shape.DATE:
        sql = f"date_trunc('{word}', {value.sql}::timestamp)::date"
        return replace(value, sql=sql)
    local = f"({value.sql} AT TIME ZONE {p.place(zone, 'text')})"
    # The zone may move a time beyond the first or the last year that dates are told of.
    # Few times are so near to them: others are not compared in their zone.
    sql = (
        f"(CASE WHEN {value.sql} >= {_FIRST} AND {value.sql} < {_LAST}"
        f" THEN date_trunc('{word}', {local})"
        f" WHEN {local} < '0001-01-01' THEN '0001-01-01'"
        f" WHEN {local} >= '9999-12-31' THEN '9999-12-31'"
        f" ELSE date_trunc('{word}', {local}) END)::date"
    )
    return replace(value, sql=sql, shape=Shape.DATE)


def _reached(found: Associated, name: str, p: Parameters) -> Expression | None:
    """A field of the records that are associated with `r`, each value once.

    Within the join, the associated record is `r`, and `{name}a` holds the id that leads
    to it.
    """
    slug = found.other.slug if found.other.kind.object_field else ""
    with p.about(slug):
        inner = expression(found.field, f"{name}i", p)
        if inner is None:
            return None
        seen = found.seen and found.seen.format(
            tenant=p.tenant, user=p.place(found.user, "text")
        )
        other = found.other.kind
        where = [f"r.business_id = {p.tenant}", "r.deleted_at IS NULL"]
        where += [seen] if seen else []
        if p.object is not None:
            where.append(f"r.{other.object_field} = {p.object}")
        link, start = found.type.link_field, "r.id"
        joined, is_one = "", False
        if link and found.inverse:
            where.append(f"r.{link} = {name}a.id")
        elif link:
            start, is_one = f"r.{link}", not inner.join
            where.append(f"r.id = {name}a.id")
        else:
            near, far = ("to_id", "from_id") if found.inverse else ("from_id", "to_id")
            joined = (
                f" JOIN associations AS x ON x.business_id = {p.tenant}"
                f" AND x.{near} = {name}a.id AND x.{far} = r.id"
                f" AND x.type = '{found.type.key}' AND x.deleted_at IS NULL"
            )
        distinct = "" if is_one else "DISTINCT "
        records = (
            f"SELECT {distinct}{inner.sql} AS v FROM {other.table} AS r"
            f"{joined}{inner.join} WHERE {' AND '.join(where)}"
        )
    join = (
        f" LEFT JOIN LATERAL (SELECT {start} AS id) AS {name}a ON true"
        f" LEFT JOIN LATERAL ({records}) AS {name} ON true"
    )
    return replace(inner, sql=f"{name}.v", join=join, set_of="")
