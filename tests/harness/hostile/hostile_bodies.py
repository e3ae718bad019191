"""Bodies that are hostile or harmless, with the expected status of each."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

MIB = 1024 * 1024


def _contact(**fields: Any) -> bytes:
    return json.dumps({"email": "a@b.example", **fields}).encode()


def _with(member: bytes) -> bytes:
    return b'{"email": "a@b.example", ' + member + b"}"


def _search(*filters: Any, **members: Any) -> bytes:
    return json.dumps({"filters": filters, **members}).encode()


def _condition(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _nested(group: str, depth: int) -> bytes:
    """A search with one condition inside `depth` groups."""
    opening, closing = (b"[", b"]") if group != "not" else (b"", b"")
    condition = json.dumps(_condition("name", "eq", "x")).encode()
    begin = b'{"%s": %s' % (group.encode(), opening)
    return (
        b'{"filters": [' + begin * depth + condition + (closing + b"}") * depth + b"]}"
    )


# For `POST /v1/contacts`.
BODIES: Mapping[str, tuple[bytes, int]] = MappingProxyType(
    {
        "not UTF-8": (b'{"email": "\xff@b.example"}', 400),
        "UTF-16": (_contact().decode().encode("utf-16"), 400),
        "a byte order mark": (b"\xef\xbb\xbf" + _contact(), 400),
        "a key twice": (b'{"email": "a@b.example", "email": "c@b.example"}', 400),
        "a key twice, once escaped": (_with(b'"\\u0065mail": "c@b.example"'), 400),
        "a key twice, deep": (_with(b'"custom_fields": {"a": 1, "a": 1}'), 400),
        "2,000 nested arrays": (b"[" * 2000 + b"]" * 2000, 400),
        "a million open arrays": (b"[" * 1_000_000, 400),
        "2,000 arrays in a field": (
            _with(b'"custom_fields": {"a": %s%s}' % (b"[" * 2000, b"]" * 2000)),
            400,
        ),
        "500 arrays in a field": (
            _with(b'"custom_fields": {"a": %s%s}' % (b"[" * 500, b"]" * 500)),
            422,
        ),
        "900 objects in a field": (
            _with(b'"custom_fields": %s1%s' % (b'{"a": ' * 900, b"}" * 900)),
            422,
        ),
        "NUL, escaped": (_contact(first_name="a\0b"), 422),
        "NUL, as it is": (_with(b'"first_name": "a\0b"'), 400),
        "NUL in a tag": (_contact(tags=["\0"]), 422),
        "NUL in a custom field": (_contact(custom_fields={"a": ["\0"]}), 422),
        "NUL in a key": (_contact(custom_fields={"a\0": 1}), 422),
        "half a surrogate pair": (_contact(first_name="\ud800"), 400),
        "half a surrogate pair as a key": (_contact(**{"\udfff": 1}), 400),
        "a surrogate pair, reversed": (_contact(first_name="\udc00\ud800"), 400),
        "a whole surrogate pair": (_contact(first_name="\N{GRINNING FACE}"), 201),
        "NaN": (_with(b'"lead_score": NaN'), 400),
        "-Infinity, deep": (_with(b'"custom_fields": {"a": -Infinity}'), 400),
        "10^400 with an exponent": (_with(b'"lead_score": 1e400'), 422),
        "10^400 in digits": (_with(b'"lead_score": 1' + b"0" * 400), 422),
        "10^400 in a custom field": (_contact(custom_fields={"a": 10**400}), 422),
        "1e400 in a custom field": (_with(b'"custom_fields": {"a": 1e400}'), 422),
        "1e-400 in a custom field": (_with(b'"custom_fields": {"a": 1e-400}'), 201),
        "10^5000": (_with(b'"lead_score": 1' + b"0" * 5000), 400),
        "an exponent of 20 digits": (_with(b'"lead_score": 1e' + b"9" * 20), 400),
        "2^31": (_contact(lead_score=2**31), 422),
        "2^63": (_contact(lead_score=2**63), 422),
        "2^64, negative": (_contact(lead_score=-(2**64)), 422),
        "a whole number with a fraction": (_with(b'"lead_score": 1.0'), 201),
        "an array": (b"[]", 422),
        "null": (b"null", 422),
        "a string": (b'"x"', 422),
        "nothing": (b"", 422),
        "blanks": (b"  ", 400),
        "two documents": (b"{} {}", 400),
        "a comment": (b"{/* */}", 400),
        "single quotes": (b"{'email': 'a@b.example'}", 400),
        "names of another spelling": (_contact(firstName="a"), 422),
        "names of JavaScript": (_contact(__proto__={}, constructor=1), 422),
        "an inner field": (_contact(etag="1"), 422),
        "a read-only field": (_contact(id="con_" + "0" * 24), 422),
        "a foreign tenant": (_contact(business_id="biz_" + "0" * 24), 422),
        "a key of 100,000 letters": (_contact(**{"x" * 100_000: 1}), 422),
        "20,000 unknown keys": (_contact(**{f"k{n}": 1 for n in range(20_000)}), 422),
        "50,000 tags of a wrong type": (_contact(tags=[1] * 50_000), 422),
        "1 MiB": (b" " * (MIB - 2) + b"{}", 422),
        "1 MiB and a byte": (b" " * (MIB - 1) + b"{}", 413),
        "4 MiB": (b" " * (4 * MIB), 413),
    }
)

# For `POST /v1/contacts/search`.
SEARCHES: Mapping[str, tuple[bytes, int]] = MappingProxyType(
    {
        "5 groups deep": (_nested("any", 5), 200),
        "6 groups deep": (_nested("any", 6), 422),
        "80 groups deep": (_nested("not", 80), 422),
        "900 groups deep": (_nested("not", 900), 422),
        "2,000 groups deep": (_nested("all", 2000), 400),
        "100 conditions": (_search(*[_condition("name", "eq", "x")] * 100), 200),
        "101 conditions": (_search(*[_condition("name", "eq", "x")] * 101), 422),
        "SQL as a field": (
            _search(_condition("id); DROP TABLE contacts", "eq", "x")),
            422,
        ),
        "SQL as a custom field": (
            _search(_condition("custom_fields.a' OR '1", "eq", "x")),
            422,
        ),
        "SQL as a value": (_search(_condition("name", "eq", "' OR 1=1; --")), 200),
        "SQL as an operator": (_search(_condition("name", "= '' OR", "x")), 422),
        "SQL as an order": (_search(order_by="name; DROP TABLE contacts"), 422),
        "wild characters": (_search(_condition("name", "contains", "%_\\")), 200),
        "wild words": (_search(search_text="%_\\ ' \" -- ;"), 200),
        "a column of ours": (_search(_condition("business_id", "neq", "x")), 422),
        "NUL as a value": (_search(_condition("name", "eq", "\0")), 422),
        "NUL as a word": (_search(search_text="a\0b"), 422),
        "NUL as a cursor": (_search(cursor="\0"), 422),
        "a made-up cursor": (_search(cursor="AAAA" * 40), 400),
        "a cursor that is no ASCII": (_search(cursor="ü"), 400),
        "10^400 as a value": (_search(_condition("lead_score", "gt", 10**400)), 422),
        "10^300 as a value": (
            _search(_condition("custom_fields.a", "gt", 10**300)),
            422,
        ),
        "limit 0": (_search(limit=0), 422),
        "limit 10^30": (_search(limit=10**30), 422),
        "limit true": (_search(limit=True), 422),
        "year 0": (
            _search(_condition("created_at", "gt", "0000-01-01T00:00:00Z")),
            422,
        ),
        "the first moment, and before": (
            _search(_condition("created_at", "gt", "0001-01-01T00:00:00+14:00")),
            200,
        ),
        "the last moment, and after": (
            _search(_condition("created_at", "lt", "9999-12-31T23:59:59-14:00")),
            200,
        ),
        "50,000 values": (
            _search({"field": "name", "operator": "in", "values": ["x"] * 50_000}),
            422,
        ),
        "half a megabyte as a value": (
            _search(_condition("name", "contains", "x" * (MIB // 2))),
            200,
        ),
        "an object as a value": (_search(_condition("name", "eq", {"a": {}})), 422),
        "an object for the filters": (b'{"filters": {"field": "name"}}', 422),
        "strings for the filters": (_search("x"), 422),
        "a group of nothing": (_search({"not": None}), 422),
        "every kind of group at once": (
            _search({"any": [], "all": [], "not": {}}),
            422,
        ),
    }
)
