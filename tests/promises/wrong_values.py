"""Invalid values for the fields of a record, made from the fields' rules.

A new message needs a row in `_WRONG_MESSAGES`.
"""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy

from tests.promises.record_values import FORMS, SYSTEM, UNKNOWN_DIGITS, value
from tests.promises.records_suite import RESOURCES, Field

# An invalid value of a field: the value, the suffix of the field's path, and the code.
Wrong = tuple[Any, str, str]


def wrong_values(field: Field) -> list[Wrong]:
    """Values that break the rules of a field, one for each rule."""
    if field.repeated and field.message:
        return [("VIP", "", "invalid_type")]
    if field.repeated and field.descriptor.type == FieldDescriptor.TYPE_INT32:
        return _WRONG_NUMBERS
    if field.repeated:
        return _wrong_lists(field)
    if field.message == "google.type.Decimal":
        return _wrong_decimals(field.policy)
    if field.policy.HasField("max_bytes"):
        return _wrong_objects(field.policy)
    if field.is_unique:
        return _WRONG_EXTERNAL_IDS
    if field.message:
        return _WRONG_MESSAGES[field.message]
    if field.choices:
        shouted = field.choices[0].upper()
        choices = ("nonsense", shouted, *field.policy.server_values)
        wrong: list[Wrong] = [(each, "", "invalid_choice") for each in choices]
        return [*wrong, (1, "", "invalid_type")]
    if field.descriptor.type == FieldDescriptor.TYPE_BOOL:
        return [("true", "", "invalid_type"), (1, "", "invalid_type")]
    if field.descriptor.type == FieldDescriptor.TYPE_INT32:
        return _wrong_numbers(field.policy)
    return _wrong_texts(field.policy)


def _wrong_texts(policy: FieldPolicy) -> list[Wrong]:
    wrong: list[Wrong] = [(5, "", "invalid_type"), (["a"], "", "invalid_type")]
    if policy.references:
        known = RESOURCES.get(policy.references)
        prefix = known.policy.id_prefix if known else "xxx_"
        unknown = (prefix + UNKNOWN_DIGITS, "nonsense", "a" * 10_000)
        return wrong + [(each, "", "not_found") for each in unknown]
    wrong.append(("a\0b", "", "invalid"))
    if policy.max_len:
        wrong.append(("1" * (policy.max_len + 1), "", "too_long"))
    if form := FORMS.get(policy.format):
        wrong.append((form.wrong, "", form.code))
    return wrong


def _wrong_numbers(policy: FieldPolicy) -> list[Wrong]:
    wrong: list[Wrong] = [
        ("5", "", "invalid_type"),
        (1.5, "", "invalid_type"),
        (True, "", "invalid_type"),
        (2**31, "", "too_large"),
    ]
    if policy.HasField("gte"):
        wrong.append((int(policy.gte) - 1, "", "too_small"))
    if policy.HasField("lte"):
        wrong.append((int(policy.lte) + 1, "", "too_large"))
    return wrong


def _wrong_decimals(policy: FieldPolicy) -> list[Wrong]:
    finer = 10.0 ** -(policy.decimals + 1)
    return [
        ("5", "", "invalid_type"),
        (True, "", "invalid_type"),
        (policy.gte - 1, "", "too_small"),
        (int(policy.lte) + 1, "", "too_large"),
        (max(policy.gte, 0) + finer, "", "invalid"),
    ]


def _wrong_objects(policy: FieldPolicy) -> list[Wrong]:
    deep: Any = 1
    for _ in range(policy.max_depth + 1):
        deep = {"in": deep}
    return [
        ("a", "", "invalid_type"),
        ([], "", "invalid_type"),
        (deep, "", "invalid"),
        ({"a": "x" * policy.max_bytes}, "", "too_large"),
        ({"a": ["b", {"c": "\0"}]}, "", "invalid"),
        ({"a\0": 1}, "", "invalid"),
    ]


def _wrong_lists(field: Field) -> list[Wrong]:
    most, items = field.policy.max_items, field.policy.items
    good = next(iter(value(field, 0)), "VIP")
    return [
        ("VIP", "", "invalid_type"),
        ([good, 5], "[1]", "invalid_type"),
        ([None], "[0]", "invalid_type"),
        ([good, " "], "[1]", "too_short"),
        (["x" * (items.max_len + 1)], "[0]", "too_long"),
        ([f"tag {n}" for n in range(most + 1)], "", "too_many"),
    ]


_WRONG_NUMBERS: list[Wrong] = [
    (30, "", "invalid_type"),
    ([30, "45"], "[1]", "invalid_type"),
    ([30, 4], "[1]", "too_small"),
    ([721], "[0]", "too_large"),
    ([10, 20, 30, 40, 50], "", "too_many"),
]

_WRONG_EXTERNAL_IDS: list[Wrong] = [
    ("a", "", "invalid_type"),
    ([], "", "invalid_type"),
    ({"Salesforce": "1"}, ".Salesforce", "invalid_format"),
    ({"1st": "1"}, ".1st", "invalid_format"),
    ({"a" * 33: "1"}, "." + "a" * 33, "invalid_format"),
    ({SYSTEM: ""}, f".{SYSTEM}", "too_short"),
    ({SYSTEM: "x" * 256}, f".{SYSTEM}", "too_long"),
    ({SYSTEM: "a\0b"}, f".{SYSTEM}", "invalid"),
    ({SYSTEM: 5}, f".{SYSTEM}", "invalid_type"),
    ({SYSTEM: True}, f".{SYSTEM}", "invalid_type"),
    ({SYSTEM: ["1"]}, f".{SYSTEM}", "invalid_type"),
    ({SYSTEM: {"id": "1"}}, f".{SYSTEM}", "invalid_type"),
    ({f"system_{n}": "1" for n in range(21)}, "", "too_many"),
]

_SMTP = {"host": "smtp.engine.example", "port": 587, "security": "starttls"}
_WRONG_MESSAGES: dict[str, list[Wrong]] = {
    "google.protobuf.Timestamp": [
        (5, "", "invalid_type"),
        ("2026-06-17", "", "invalid_format"),
        ("2026-06-31T00:00:00Z", "", "invalid_format"),
    ],
    "google.type.Date": [
        (5, "", "invalid_type"),
        ("2026-06-31", "", "invalid_format"),
        ("0000-06-17", "", "invalid_format"),
        ("2026-06-17T14:30:00Z", "", "invalid_format"),
    ],
    "prospectconnect.scheduling.v1.MeetingLocation": [
        (5, "", "invalid_type"),
        ([], "", "invalid_type"),
        ({}, ".kind", "required"),
        ({"kind": "moon"}, ".kind", "invalid_choice"),
        ({"kind": "ask", "value": "x" * 501}, ".value", "too_long"),
        ({"kind": "ask", "sort": "x"}, ".sort", "unknown_field"),
    ],
    "prospectconnect.engagement.v1.SmtpServer": [
        (5, "", "invalid_type"),
        ([], "", "invalid_type"),
        ({"port": 25, "security": "none"}, ".host", "required"),
        (_SMTP | {"port": 65_536}, ".port", "too_large"),
        (_SMTP | {"security": "ssl"}, ".security", "invalid_choice"),
        (_SMTP | {"host": "127.0.0.1"}, ".host", "invalid_format"),
        (_SMTP | {"username": "ada"}, ".password", "required"),
        (_SMTP | {"sort": "x"}, ".sort", "unknown_field"),
    ],
    "prospectconnect.engagement.v1.DkimKey": [
        (5, "", "invalid_type"),
        ({"private_key": "x"}, ".selector", "required"),
        ({"selector": "mail2026"}, ".private_key", "required"),
        (
            {"selector": "mail2026", "private_key": "x"},
            ".private_key",
            "invalid_format",
        ),
    ],
    "prospectconnect.type.v1.Aggregation": [
        (5, "", "invalid_type"),
        ([], "", "invalid_type"),
        (
            {"unicorn": 1, "measures": [{"op": "count", "as": "n"}]},
            ".unicorn",
            "unknown_field",
        ),
        ({"measures": []}, ".measures", "required"),
        (
            {"measures": [{"op": "count", "as": "N"}]},
            ".measures[0].as",
            "invalid_format",
        ),
        (
            {"measures": [{"op": "count", "as": "n"}], "limit": 1_001},
            ".limit",
            "too_large",
        ),
    ],
    "google.protobuf.Value": [({"a": 1}, "", "invalid_type")],
    "google.protobuf.Struct": [
        ("a", "", "invalid_type"),
        ({"Plan": 1}, ".Plan", "invalid_format"),
        ({"a" * 65: 1}, "." + "a" * 65, "invalid_format"),
        ({"plan": "x" * 2001}, ".plan", "too_long"),
        ({"plan": {"name": 1}}, ".plan", "invalid_type"),
        ({"plan": ["gold", 5]}, ".plan[1]", "invalid_type"),
        ({"plan": ["x"] * 51}, ".plan", "too_many"),
        ({"plan": 2**60}, ".plan", "too_large"),
        ({f"key_{n}": n for n in range(101)}, "", "too_many"),
    ],
}
