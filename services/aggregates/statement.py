"""The one statement that makes the figures of a request.

From the inside: `s` has the values of the records that are found, `a` the figures of
groups and currencies, `g` the groups, `f` these with empty intervals between, and `p`
is the page. No more than one group beyond the bound is kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from services.aggregates.expressions import Expression
from services.aggregates.groups import STEPS, Group
from services.aggregates.measures import Measured
from services.aggregates.plan import MOST_GROUPS, Plan
from services.postgres.sql_parts import by_index

# The column that counts the groups, before those of the page.
COUNT = "n"


def statement(plan: Plan, source: str, after: str) -> str:
    """The statement that reads a page.

    `source` is the table as `r`, and the condition on its records, with `{join}`
    between. `after` is the condition on the groups of the page, "" for the first one. A
    row is the number of groups, the place of its group or null, the columns of `plan`,
    and its keys; all but the first two are texts.
    """
    groups = [f"g{n}" for n in range(len(plan.groups))]
    read = _with_a_set([each.value for each in plan.groups])
    found = source.format(join="".join(each.join for each in read))
    values = [f"{each.sql} AS g{n}" for n, each in enumerate(read)]
    values += [f"{e.sql} AS v{n}" for n, e in enumerate(plan.measures) if e.sql]
    currency = next((each.currency for each in plan.measures if each.currency), "")
    values += [f"{currency} AS c"] if currency else []
    base = f"SELECT {', '.join(values)} {found}"
    made = _apart if currency else _together
    filled = _filled(plan) if plan.fills else "SELECT * FROM g"
    bounded = f"SELECT * FROM ({made(plan.measures, groups, base)}) AS g"
    return (
        f"WITH g AS MATERIALIZED ({bounded} LIMIT {MOST_GROUPS + 1}),"
        f" f AS MATERIALIZED (SELECT * FROM ({filled}) AS f LIMIT {MOST_GROUPS + 1})"
        f" SELECT (SELECT count(*) FROM f) AS {COUNT}, p.* FROM (SELECT) AS one"
        f" LEFT JOIN LATERAL ({_page(plan, after)}) AS p ON true ORDER BY p.place"
    )


def _with_a_set(values: Sequence[Expression]) -> list[Expression]:
    """The values of the groups, those of the first list without a join."""
    read = list(values)
    for n, each in enumerate(read):
        if each.set_of:
            read[n] = replace(each, sql=each.set_of, join="")
            break
    return read


def _together(measures: Sequence[Measured], groups: list[str], base: str) -> str:
    """Groups whose figures are of one currency, or of no amounts."""
    figures = [f"{each.of(f's.v{n}')} AS m{n}" for n, each in enumerate(measures)]
    return f"SELECT {', '.join([*groups, *figures])} FROM ({base}) AS s{_by(groups)}"


def _apart(measures: Sequence[Measured], groups: list[str], base: str) -> str:
    """Groups with amounts in several currencies, each made by itself."""
    parts = [_parts(each, n) for n, each in enumerate(measures)]
    if any(each is None for each in parts):
        return _apart_at_once(measures, groups, base)
    inner = list(chain.from_iterable(each or () for each in parts))
    figures = []
    for n, each in enumerate(measures):
        if each.currency:
            figures.append(f"{_by_currency(n, 'true')} AS m{n}")
            continue
        names = [f"a.m{n}_{k}" for k in range(len(parts[n] or ()))]
        figures.append(f"{_or_nothing(each, each.whole(*names))} AS m{n}")
    return (
        f"SELECT {', '.join([*groups, *figures])} FROM (SELECT"
        f" {', '.join([*groups, 's.c', *inner])} FROM ({base}) AS s"
        f"{_by([*groups, 's.c'])}) AS a{_by(groups)}"
    )


def _parts(each: Measured, n: int) -> tuple[str, ...] | None:
    """The figures of a group and currency."""
    if each.currency:
        return (f"{each.of(f's.v{n}')} AS m{n}",)
    found = each.parts(f"s.v{n}")
    return found and tuple(f"{sql} AS m{n}_{k}" for k, sql in enumerate(found))


def _apart_at_once(measures: Sequence[Measured], groups: list[str], base: str) -> str:
    """The same, where figures of a group cannot be made of those of its parts."""
    inner = [f"{each.of(f's.v{n}')} AS m{n}" for n, each in enumerate(measures)]
    sets = f"({', '.join(groups)}), ({', '.join([*groups, 's.c'])})"
    figures = [
        f"{_by_currency(n, 'NOT a.is_all')} AS m{n}"
        if each.currency
        else f"max(a.m{n}) FILTER (WHERE a.is_all) AS m{n}"
        for n, each in enumerate(measures)
    ]
    return (
        f"SELECT {', '.join([*groups, *figures])} FROM (SELECT"
        f" {', '.join([*groups, 's.c', 'GROUPING(s.c) = 1 AS is_all', *inner])}"
        f" FROM ({base}) AS s GROUP BY GROUPING SETS ({sets})) AS a{_by(groups)}"
    )


def _by_currency(n: int, which: str) -> str:
    held = f"{which} AND a.c IS NOT NULL AND a.m{n} IS NOT NULL"
    made = f"jsonb_object_agg(a.c, a.m{n}) FILTER (WHERE {held})"
    return f"coalesce({made}, '{{}}'::jsonb)"


def _or_nothing(each: Measured, sql: str) -> str:
    """A count of no parts is 0: without groups there is a row without any."""
    return f"coalesce({sql}, 0)" if each.is_count else sql


def _by(groups: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(groups)}" if groups else ""


def _filled(plan: Plan) -> str:
    """The groups, with empty ones for each interval between the first and the last."""
    series, others, same = [], [], []
    for n, group in enumerate(plan.groups):
        if group.interval:
            series.append(f"({_series(n, group)}) AS s{n} (v)")
            same.append(f"g.g{n} = s{n}.v")
        else:
            others.append(f"g{n}")
            same += [
                f"(g.g{n} IS NULL) = (o.g{n} IS NULL)",
                f"coalesce(g.g{n}::text, '') = coalesce(o.g{n}::text, '')",
            ]
    apart = f"(SELECT DISTINCT {', '.join(others)} FROM g) AS o"
    crossed = " CROSS JOIN ".join([*([apart] if others else []), *series])
    columns = [
        f"s{n}.v AS g{n}" if each.interval else f"o.g{n}"
        for n, each in enumerate(plan.groups)
    ]
    # An empty group has none of these columns; a record's has each, if only as NULL.
    columns += [
        f"CASE WHEN g.is_there THEN g.m{n} ELSE {each.nothing} END AS m{n}"
        for n, each in enumerate(plan.measures)
    ]
    unset = [f"g{n} IS NULL" for n, each in enumerate(plan.groups) if each.interval]
    return (
        f"SELECT {', '.join(columns)} FROM {crossed} LEFT JOIN (SELECT *, true AS"
        f" is_there FROM g) AS g ON {' AND '.join(same)}"
        f" UNION ALL SELECT * FROM g WHERE {' OR '.join(unset)}"
    )


def _series(n: int, group: Group) -> str:
    """The intervals from the first to the last, but no more than are refused.

    One record in the year 9999 would make millions of days.
    """
    step = f"interval '{STEPS[group.interval]}'"
    return (
        f"SELECT i::date FROM (SELECT min(g{n})::timestamp AS a, max(g{n})::timestamp"
        f" AS b FROM g) AS t, generate_series(t.a,"
        f" least(t.b, t.a + {MOST_GROUPS} * {step}), {step}) AS i"
    )


def _page(plan: Plan, after: str) -> str:
    """The groups of the page and one more, as texts."""
    word = "DESC" if plan.descending else "ASC"
    order = ", ".join(f"g.{each.column} {word} NULLS LAST" for each in plan.keys)
    over = f"row_number() OVER (ORDER BY {order})" if order else "1"
    columns = [f"{_text(each)} AS {each}" for each in plan.columns]
    columns += [f"g.{each.column}::text AS k{n}" for n, each in enumerate(plan.keys)]
    where = [by_index(each.sql) for each in plan.having] + ([after] if after else [])
    held = f" WHERE {' AND '.join(where)}" if where else ""
    sorted_by = f" ORDER BY {order}" if order else ""
    return (
        f"SELECT {over} AS place, {', '.join(columns)} FROM f AS g{held}{sorted_by}"
        f" LIMIT {plan.limit + 1}"
    )


def _text(column: str) -> str:
    return f"g.{column}::text"
