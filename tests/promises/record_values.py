"""Valid and invalid values for the fields of a record, made from the fields' rules.

A new format needs a row in `FORMS`, and a new message a row in `_MESSAGES`. A new
resource needs nothing else.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format

from tests.client import Client
from tests.promises.records_suite import RESOURCES, Field, Resource

UNKNOWN_DIGITS = "0123456789abcdef01234567"

# A system in which records have ids.
SYSTEM = "salesforce"
_numbers = count()

COUNTRIES = ("BR", "DE", "FR", "JP")
CURRENCIES = ("EUR", "BRL", "JPY")


@dataclass(frozen=True, slots=True)
class Form:
    """A format of text: its nth example, an invalid value, and that fault's code."""

    example: Callable[[int], str]
    wrong: str
    code: str = "invalid_format"


FORMS = {
    Format.FORMAT_EMAIL: Form(lambda n: f"ada{n}@example.com", "ada.example.com"),
    Format.FORMAT_PHONE: Form(lambda n: f"+55 (11) 9876-100{n}", "1-800-FLOWERS"),
    Format.FORMAT_COUNTRY: Form(lambda n: COUNTRIES[n], "XX", "invalid_choice"),
    Format.FORMAT_CURRENCY: Form(lambda n: CURRENCIES[n], "eur", "invalid_choice"),
    Format.FORMAT_HOST: Form(lambda n: f"sales{n}.example.com", "example"),
    Format.FORMAT_HTTP_URL: Form(
        lambda n: f"https://a{n}.example/x", "ftp://a.example"
    ),
}


def text(name: str, policy: FieldPolicy, n: int) -> str:
    """The nth valid text of a field."""
    form = FORMS.get(policy.format)
    return form.example(n) if form else f"{name.title()} {n}"[: policy.max_len or None]


def new_id() -> str:
    """An external id that no record has."""
    return f"0Q-{next(_numbers)}-{secrets.token_hex(4)}"


def repeatable(resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a body another record may have too."""
    unique = {field.name for field in resource.writable if field.is_unique}
    return {name: each for name, each in body.items() if name not in unique}


def value(field: Field, n: int) -> Any:
    """The nth valid value of a field, except for references.

    Values that only one record may have differ each time.
    """
    if field.repeated:
        return [f"{field.name} {n}", "VIP"]
    if field.choices:
        return field.choices[-1 - n]
    if field.is_unique:
        return {SYSTEM: new_id(), "legacy_erp": new_id()}
    if field.message:
        return _MESSAGES[field.message](field, n)
    if field.is_text:
        return text(field.name, field.policy, n)
    if field.descriptor.type == FieldDescriptor.TYPE_BOOL:
        return n % 2 == 0
    return int(field.policy.gte) + 7 + n


_MESSAGES: dict[str, Callable[[Field, int], Any]] = {
    "google.protobuf.Timestamp": lambda _, n: f"2026-06-17T14:30:0{n}Z",
    "google.type.Date": lambda _, n: f"2026-06-1{n}",
    "google.type.Decimal": lambda _, n: 1250.25 + n,
    "google.protobuf.Struct": lambda _, n: {"plan": f"Gold {n}", "seats": n},
}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes records of any resource, and the records that they refer to."""

    client: Client
    users: Mapping[str, str]

    def value(self, field: Field, n: int) -> Any:
        """The nth value of a field; None if the referenced record cannot be made."""
        if not field.policy.references:
            return value(field, n)
        return self.reference(field.policy.references, n)

    def full(self, resource: Resource, n: int = 0) -> dict[str, Any]:
        """The nth body with a value for every writable field."""
        return {field.name: self.value(field, n) for field in resource.writable}

    def least(self, resource: Resource) -> dict[str, Any]:
        """A body with only the required fields."""
        body = {f.name: self.value(f, 0) for f in resource.writable if f.required}
        any_of = resource.policy.require_any
        for field in resource.writable:
            if field.name in any_of and not any(name in body for name in any_of):
                body[field.name] = self.value(field, 0)
        return body

    def create(self, resource: Resource, **fields: Any) -> Any:
        """Creates a record with the required fields and `fields`."""
        return self.client.create(resource.path, self.least(resource) | fields)

    def several(self, resource: Resource) -> list[Any]:
        """Different records: new ones if they can be made, and all existing ones."""
        if "Create" in resource.verbs:
            full = [self.full(resource, n) for n in (0, 1)]
            for body in (*full, self.least(resource)):
                self.client.create(resource.path, body)
        return self.client.pages(resource.path)

    def reference(self, name: str, n: int) -> Any:
        """The id of a record of a kind: a new one, or the nth existing one."""
        resource = RESOURCES.get(name)
        if resource is None:
            return self._part(name, n)
        if "Create" in resource.verbs:
            return self.create(resource)["id"]
        there = self.client.pages(resource.path)
        return there[n % len(there)]["id"]

    def _part(self, name: str, n: int) -> Any:
        """The id of an element in a record's list, e.g. of a pipeline's stage."""
        for resource in RESOURCES.values():
            if any(f.name == f"{name}s" and f.message for f in resource.fields):
                return self.client.pages(resource.path)[0][f"{name}s"][n]["id"]
        return None


# An invalid value of a field: the value, the suffix of the field's path, and the code.
Wrong = tuple[Any, str, str]


def wrong_values(field: Field) -> list[Wrong]:
    """Values that break the rules of a field, one for each rule."""
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
        (policy.gte + finer, "", "invalid"),
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
    return [
        ("VIP", "", "invalid_type"),
        (["VIP", 5], "[1]", "invalid_type"),
        ([None], "[0]", "invalid_type"),
        (["VIP", " "], "[1]", "too_short"),
        (["x" * (items.max_len + 1)], "[0]", "too_long"),
        ([f"tag {n}" for n in range(most + 1)], "", "too_many"),
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
