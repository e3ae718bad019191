"""Draws filters and writes them as texts, in any of the ways in which people may."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from pcrm.catalog import Compared

SIGNS = {
    "eq": "=",
    "neq": "!=",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "contains": "~",
    "not_contains": "!~",
    "starts_with": "^=",
    "ends_with": "$=",
}
OF_TAGS = {"contains": "=", "not_contains": "!=", "any_of": "in", "none_of": "not in"}
_KEYWORDS = {
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "empty",
    "between",
    "true",
    "false",
}
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789@.-_:/äß€"

Filter = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A filter and a text that means it."""

    filter: Filter
    text: str


def written(fields: Mapping[str, Compared]) -> st.SearchStrategy[Written]:
    """Filters on these fields, nested up to a few levels."""
    conditions = st.one_of([_condition(name, each) for name, each in fields.items()])
    return st.recursive(conditions, _grouped, max_leaves=4)


def _grouped(inside: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    several = st.lists(inside, min_size=2, max_size=3)
    return st.one_of(
        st.builds(_negated, inside, _keyword("not")),
        st.builds(_joined, st.just("all"), several, _keyword("and")),
        st.builds(_joined, st.just("any"), several, _keyword("or")),
    )


def _negated(inside: Written, word: str) -> Written:
    return Written({"not": inside.filter}, f"{word} ({inside.text})")


def _joined(group: str, inside: list[Written], word: str) -> Written:
    """Groups of the same kind are one: parentheses between them say nothing."""
    flat = [each for one in inside for each in one.filter.get(group, [one.filter])]
    text = f" {word} ".join(f"({one.text})" for one in inside)
    return Written({group: flat}, text)


def _keyword(word: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word, word.upper(), word.capitalize()])


def _condition(name: str, compared: Compared) -> st.SearchStrategy[Written]:
    field = st.just(name)
    if name.endswith("."):
        field = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True).map(
            lambda key: f"{name}{key}"
        )
    is_tags = "any_of" in compared.operators and "eq" not in compared.operators
    known = {*OF_TAGS} if is_tags else {*SIGNS, "in", "not_in", "between"}
    known |= {"is_empty", "is_not_empty"}
    operators = st.sampled_from([each for each in compared.operators if each in known])
    return st.builds(
        _write,
        field,
        operators,
        st.lists(_value(compared), min_size=2, max_size=3),
        st.sampled_from(["", " ", "  ", "\t"]),
        st.just(is_tags),
    )


def _meant(value: Any, text: str, operator: str) -> Any:
    """What a value of a field of any kind means to an operator."""
    if isinstance(value, str):
        return value
    of_texts = operator in {"contains", "not_contains", "starts_with", "ends_with"}
    of_order = operator in {"gt", "gte", "lt", "lte", "between"}
    return text if of_texts or (of_order and isinstance(value, bool)) else value


def _write(
    field: str, operator: str, values: list[tuple[Any, str]], blank: str, is_tags: bool
) -> Written:
    made: Filter = {"field": field, "operator": operator}
    values = [(_meant(value, text, operator), text) for value, text in values]
    if operator in {"is_empty", "is_not_empty"}:
        return Written(made, f"{field} {operator.replace('_', ' ')}")
    if operator == "between":
        values = values[:2]
        made["values"] = [value for value, _ in values]
        return Written(made, f"{field} between {values[0][1]} and {values[1][1]}")
    sign = OF_TAGS[operator] if is_tags else SIGNS.get(operator)
    if sign in {"in", "not in"} or operator in {"in", "not_in"}:
        made["values"] = [value for value, _ in values]
        word = sign or operator.replace("_", " ")
        texts = f"{blank},{blank}".join(text for _, text in values)
        return Written(made, f"{field} {word}{blank}({texts})")
    made["value"] = values[0][0]
    return Written(made, f"{field}{blank}{sign}{blank}{values[0][1]}")


def _value(compared: Compared) -> st.SearchStrategy[tuple[Any, str]]:
    """A value, and a text that means it."""
    if compared.kind == "number":
        return _numbers()
    if compared.kind == "boolean":
        return st.sampled_from([(True, "true"), (False, "false"), (True, "TRUE")])
    if compared.kind == "choice":
        return st.sampled_from([(each, each) for each in compared.choices])
    if compared.kind == "date":
        return st.dates().map(lambda day: (day.isoformat(), day.isoformat()))
    if compared.kind == "timestamp":
        return st.one_of(
            st.dates().map(lambda day: (f"{day}T00:00:00Z", day.isoformat())),
            st.datetimes().map(lambda at: (f"{at.isoformat()}Z",) * 2),
        )
    if compared.kind == "any":
        truth = st.sampled_from([(True, "true"), (False, "false")])
        return st.one_of(_quoted(), _numbers(), truth)
    return st.one_of(_quoted(), _bare())


def _numbers() -> st.SearchStrategy[tuple[Any, str]]:
    whole = st.integers(-(10**20), 10**20).map(lambda each: (each, str(each)))
    exact = st.decimals(allow_nan=False, allow_infinity=False, places=3)
    return st.one_of(whole, exact.map(lambda each: (Decimal(f"{each:f}"), f"{each:f}")))


def _bare() -> st.SearchStrategy[tuple[Any, str]]:
    texts = st.text(_PLAIN, min_size=1, max_size=12)
    fit = texts.filter(lambda each: each.lower() not in _KEYWORDS)
    return fit.map(lambda each: (each, each))


def _quoted() -> st.SearchStrategy[tuple[Any, str]]:
    def quote(text: str, mark: str) -> tuple[Any, str]:
        escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
        return text, f"{mark}{escaped}{mark}"

    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    return st.builds(quote, texts, st.sampled_from(["'", '"']))
