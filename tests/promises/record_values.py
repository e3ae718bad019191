"""Valid values for the fields of a record, made from the fields' rules.

A new format needs a row in `FORMS`, and a new message a row in `_MESSAGES`. A new
resource needs nothing else.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format

from tests.client import Client
from tests.promises import booked, mailed
from tests.promises.records_suite import RESOURCES, Field, Resource
from tests.promises.said_values import KEYS, NEEDED, OF_SOME, SAID

UNKNOWN_DIGITS = "0123456789abcdef01234567"

# A tenant has few of these, so that tests do not make one for each question.
FEW = ("webhook", "sandbox", "sender")

# What is asked for where a job makes of it what there is to see.
BEGUN: Mapping[str, Mapping[str, Any]] = {
    "import": {"resource": "contacts", "mode": "create", "format": "csv"},
    "export": {"resource": "users", "format": "csv"},
    "sandbox": {"name": "Trial", "copy": "nothing", "seed": 1815},
}

# The id of no merge.
_NO_MERGE = f"mrg_{UNKNOWN_DIGITS}"

# A system in which records have ids.
SYSTEM = "salesforce"
_numbers = count()

COUNTRIES = ("BR", "DE", "FR", "JP")
CURRENCIES = ("EUR", "BRL", "JPY")
OBJECTS = ("contacts", "companies", "deals")

# An association connects two records of the types that its own type names.
_TYPE = "deal_contacts"
ENDS = {"from_id": "deal", "to_id": "contact", "survivor_id": "contact"}

# What a field needs beside it, so that nothing but its own value is wrong.
BESIDE: Mapping[str, Mapping[str, Any]] = {
    "readable_by": {"sensitive": True},
    "aggregate": {"chart": "table"},  # others need a group
}


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
    Format.FORMAT_KEY: Form(lambda n: f"key_{n}_{next(KEYS)}", "Seats"),
    Format.FORMAT_SLUG: Form(lambda n: OBJECTS[n % len(OBJECTS)], "Contacts"),
    Format.FORMAT_TIME_ZONE: Form(
        lambda n: ("Europe/Lisbon", "America/Sao_Paulo", "Asia/Kathmandu")[n],
        "Europe/Atlantis",
        "invalid_choice",
    ),
    Format.FORMAT_CLOCK: Form(lambda n: f"0{n}:30", "24:01"),
    Format.FORMAT_ADDRESS_NAME: Form(lambda n: f"call-{next(KEYS)}", "First Call"),
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
    if field.descriptor.full_name in OF_SOME:
        return OF_SOME[field.descriptor.full_name]
    if field.descriptor.full_name in SAID:
        return SAID[field.descriptor.full_name](n)
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
    if field.policy.default_value == "true":
        return True  # what is closed would refuse what later requests give
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
    """Makes records of any resource, and the records that they refer to.

    No record refers to those of the resources `without`. `waits`: jobs are run, so that
    there is an end to wait for.
    """

    client: Client
    users: Mapping[str, str]
    without: frozenset[str] = frozenset()
    prepared: set[str] = field(default_factory=set)
    waits: bool = True

    def prepare(self, resource: Resource) -> None:
        """Defines the custom object of a resource, once.

        Somebody else may have done it, whose role allows what the client's does not.
        """
        if not resource.policy.object_field or resource.object in self.prepared:
            return
        many = resource.object.title()
        labels = {"singular_label": many.removesuffix("s"), "plural_label": many}
        body = {"slug": resource.object} | labels
        assert self.client.post("/objects", body).status in (201, 403, 422)
        self.prepared.add(resource.object)

    def value(self, field: Field, n: int) -> Any:
        """The nth value of a field; None if the referenced record cannot be made."""
        if field.policy.end:
            return self.create(RESOURCES[ENDS[field.name]])["id"]
        if field.descriptor.full_name == "prospectconnect.crm.v1.Association.type":
            return _TYPE
        if not field.policy.references:
            return value(field, n)
        return self.reference(field.policy.references, n)

    def full(self, resource: Resource, n: int = 0) -> dict[str, Any]:
        """The nth body with a value for every writable field that every record has."""
        if resource.name == "email":
            named = {"topic_id": "topic", "in_reply_to": "email"}
            led = {field: self.reference(name, n) for field, name in named.items()}
            return mailed.request(self.client, n, **led)
        self.prepare(resource)
        fields = resource.writable
        every = (f for f in fields if f.descriptor.full_name not in OF_SOME)
        return {field.name: self.value(field, n) for field in every}

    def least(self, resource: Resource) -> dict[str, Any]:
        """A body with only the required fields."""
        if resource.name == "email":
            return mailed.request(self.client)
        self.prepare(resource)
        body = {
            f.name: self.value(f, 0)
            for f in resource.writable
            if f.required or f.descriptor.full_name in NEEDED
        }
        any_of = resource.policy.require_any
        for each in resource.writable:
            if each.name in any_of and not any(name in body for name in any_of):
                body[each.name] = self.value(each, 0)
        return body

    def another(self, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of another record: without external ids, and with its own keys.

        An association has other records.
        """
        own = [field for field in resource.writable if field.is_key or field.policy.end]
        anew = {field.name: self.value(field, 0) for field in own}
        return {**repeatable(resource, body), **anew}

    def create(self, resource: Resource, **fields: Any) -> Any:
        """Creates a record with the required fields and `fields`."""
        return self.made(resource, self.requested(resource, **fields))

    def requested(self, resource: Resource, **fields: Any) -> dict[str, Any]:
        """A body with the required fields and `fields`."""
        if resource.name == "booking":
            return booked.request(self.client, **fields)
        if resource.name == "email":
            return mailed.request(self.client, **fields)
        return self.least(resource) | fields

    def made(self, resource: Resource, body: Mapping[str, Any]) -> Any:
        """Creates a record. One that a job then changes is what it is at its end."""
        record = self.client.create(resource.path, dict(body))
        if not (self.waits and record.get("job_id")):
            return record
        place, state = f"/jobs/{record['job_id']}/wait", ""
        while state not in ("succeeded", "failed", "cancelled"):
            answer = self.client.post(place, {"wait_seconds": 20})
            assert answer.status == 200, answer.body
            state = answer.json["state"]
        return self.client.get(f"{resource.path}/{record['id']}").json

    def merge(self, resource: Resource, survivor: str = "") -> Any:
        """Merges a new record into a survivor, or into another new one."""
        into = survivor or self.create(resource)["id"]
        body = {"ids": [self.create(resource)["id"]]}
        answer = self.client.post(f"{resource.path}/{into}/merge", body)
        return answer.json if answer.status == 200 else {"merge_id": _NO_MERGE}

    def several(self, resource: Resource) -> list[Any]:
        """Different records: new ones if they can be made, and all existing ones."""
        self.prepare(resource)
        if "Create" in resource.verbs:
            full = [self.full(resource, n) for n in (0, 1)]
            for body in (*full, self.least(resource)):
                self.made(resource, body)
        elif not self.client.pages(resource.path):
            self.reference(resource.name, 0)
        return self.client.pages(resource.path)

    def reference(self, name: str, n: int) -> Any:
        """The id of a record of a kind: a new one, or the nth existing one."""
        resource = RESOURCES.get(name)
        if name in self.without:
            return None
        if resource is None:
            return self._part(name, n)
        if name == "sender":  # e-mails are sent from verified ones alone
            return mailed.sender(self.client)
        if name in FEW and (there := self.client.pages(resource.path)):
            return there[n % len(there)]["id"]
        if name in BEGUN:
            return self.made(resource, dict(BEGUN[name]))["id"]
        if "Create" in resource.verbs or name == "booking":
            return self.create(resource)["id"]
        if name == "merge":
            return self.merge(RESOURCES["contact"])["merge_id"]
        there = self.client.pages(resource.path)
        return there[n % len(there)]["id"]

    def sent_import(self) -> str:
        """The id of an import that has a part, and has not started."""
        made: str = self.reference("import", 0)
        part = f"/imports/{made}/content/1"
        sent = self.client.send("PUT", part, b"email\nada@engine.example\n")
        assert sent.status == 200, sent.body
        return made

    def ended_import(self) -> str:
        """The id of an import that has ended, having written nothing: it can be undone.

        What it would have written would be found where tests count records.
        """
        made: str = self.reference("import", 0)
        path = f"/imports/{made}"
        sent = self.client.send("PUT", f"{path}/content", b"email\nnobody\n")
        assert sent.status == 200, sent.body
        self.client.post(f"/jobs/{sent.json['job_id']}/wait", {"wait_seconds": 20})
        return made

    def _part(self, name: str, n: int) -> Any:
        """The id of an element in a record's list, e.g. of a pipeline's stage."""
        for resource in RESOURCES.values():
            if any(f.name == f"{name}s" and f.message for f in resource.fields):
                return self.client.pages(resource.path)[0][f"{name}s"][n]["id"]
        return None
