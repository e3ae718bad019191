"""Strategies for Hypothesis: bodies, searches, headers and paths that are nearly valid.

Pure noise is refused at the first gate. So names and operators are mostly real ones,
with arbitrary values.
"""

import string
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import Contact

FIELDS = tuple(field.name for field in Contact.DESCRIPTOR.fields)
EQUALS = ("eq", "neq", "in", "not_in", "is_empty", "is_not_empty")
ORDERS = ("gt", "gte", "lt", "lte", "between")
PARTS = ("contains", "not_contains", "starts_with", "ends_with")
SETS = ("any_of", "all_of", "none_of")
OPERATORS = (*EQUALS, *ORDERS, *PARTS, *SETS)
HEADERS = (
    *("Authorization", "Version", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding"),
    *("Accept", "Connection", "Cookie", "Expect", "Forwarded", "Host", "Range"),
    *("traceparent", "x-faulty-fields"),
)
HALF_FITTING = (
    *("", " ", "\0", "null", "{}", "%", "\\", "'", "\ud800", "x" * 2100),
    *("a@b.example", "+49 30 123", "lead", "DE", "con_" + "0" * 24, "usr_" + "f" * 24),
    *("2026-06-17", "2026-06-17T14:30:00Z", "9999-12-31T23:59:60+23:59"),
)
HALF_FITTING_HEADERS = (
    *(b"1", b'"1"', b'W/"1"', b"*", b"close", b"chunked", b"100-continue"),
    *(b"application/json", b"00-%s-%s-01" % (b"1" * 32, b"1" * 16), b"a" * 3000),
)

texts = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cs", "Cc", "Nd", "Lu"]), max_size=8),
    st.sampled_from(HALF_FITTING),
)
# Any text that JSON can express and PostgreSQL can store.
plain = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=30,
)
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(-1e15, 1e15))
moments = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
KINDS: tuple[tuple[tuple[str, ...], tuple[str, ...], st.SearchStrategy[Any]], ...] = (
    (("name", "email", "phone", "country"), (*EQUALS, *PARTS), plain),
    (("custom_fields.a",), (*EQUALS, *PARTS), plain),
    (("lead_score", "custom_fields.a"), (*EQUALS, *ORDERS), numbers),
    (("created_at", "last_contacted_at"), (*EQUALS, *ORDERS), moments),
    (("id", "owner_id", "company_id"), EQUALS, plain),
    (("tags",), (*SETS, "contains", "not_contains", "is_empty"), plain),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), texts, st.just(10**400)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.one_of(
    st.sampled_from(FIELDS),
    texts,
    texts.map(lambda key: f"custom_fields.{key}"),
    st.sampled_from(["custom_fields.a", "tags", "update_mask", "contact"]),
)


def bodies() -> st.SearchStrategy[Any]:
    """Bodies of writes: mostly objects with a contact's fields, valid or not."""
    fitting = st.fixed_dictionaries(
        {"email": st.emails()},
        optional={
            **dict.fromkeys(("first_name", "last_name", "source", "city"), plain),
            "lead_score": st.integers(0, 100),
            "tags": st.lists(plain, max_size=3),
            "custom_fields": st.dictionaries(
                st.text(st.sampled_from("abz019_"), min_size=1).map("k".__add__),
                st.one_of(plain, st.integers(), st.booleans(), st.none()),
                max_size=3,
            ),
        },
    )
    return st.one_of(fitting, st.dictionaries(names, values, max_size=6), values)


def _fitting_condition() -> st.SearchStrategy[Any]:
    """Conditions that are valid by the contract's table of operators."""
    return st.one_of([_conditions(*kind) for kind in KINDS])


def _conditions(
    fields: Sequence[str], operators: Sequence[str], value: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    pairs = st.fixed_dictionaries(
        {"field": st.sampled_from(fields), "operator": st.sampled_from(operators)}
    )
    return pairs.flatmap(lambda condition: _completed(condition, value))


def _completed(
    condition: dict[str, Any], value: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """A condition with the value or values for its operator."""
    operator = condition["operator"]
    if operator in ("is_empty", "is_not_empty"):
        return st.just(condition)
    if operator in ("in", "not_in", "any_of", "all_of", "none_of", "between"):
        most = 2 if operator == "between" else 4
        several = st.lists(value, min_size=2, max_size=most)
        return several.map(lambda made: {**condition, "values": made})
    return value.map(lambda made: {**condition, "value": made})


def _noisy_condition() -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "field": names,
            "operator": st.one_of(st.sampled_from(OPERATORS), values),
            "value": values,
            "values": st.one_of(st.lists(scalars, max_size=3), values),
        },
    )


def _filters(condition: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    grouped = st.recursive(
        condition,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=6,
    )
    return st.lists(grouped, max_size=3)


def searches() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of searches: some valid, some with arbitrary values anywhere."""
    fitting = st.fixed_dictionaries(
        {"filters": _filters(_fitting_condition())},
        optional={
            "search_text": plain,
            "order_by": st.sampled_from(("name", "lead_score", "last_contacted_at")),
            "sort_direction": st.sampled_from(("asc", "desc")),
            "include_total": st.booleans(),
        },
    )
    noisy = st.fixed_dictionaries(
        {},
        optional={
            "filters": st.one_of(_filters(_noisy_condition()), values),
            "search_text": values,
            "order_by": st.one_of(names, values),
            "sort_direction": st.one_of(st.sampled_from(("asc", "desc")), values),
            "limit": st.one_of(st.integers(0, 101), values),
            "cursor": values,
            "include_total": values,
        },
    )
    return st.one_of(fitting, noisy)


def headers() -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """Additional headers: known names, and any bytes except line ends."""
    letters = st.binary(max_size=30).filter(lambda b: not set(b) & set(b"\r\n"))
    fitting = st.sampled_from(HALF_FITTING_HEADERS)
    pairs = st.tuples(st.sampled_from(HEADERS), st.one_of(letters, fitting))
    return st.lists(pairs, min_size=1, max_size=3)


def paths() -> st.SearchStrategy[bytes]:
    """Texts after the first slash of a target: similar to our paths."""
    letters = st.sampled_from([*"/.%?#:;@&=+*~", *string.hexdigits])
    parts = st.one_of(
        st.sampled_from(["v1", "/", "contacts", "me", "%2F", "%00", "%ff"]),
        st.text(letters, max_size=5),
        st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=3),
    )
    joined = st.lists(parts, max_size=6).map("".join)
    ours = joined.filter(lambda path: not path.startswith(("healthz", "readyz")))
    return ours.map(lambda path: path.encode("latin-1"))
