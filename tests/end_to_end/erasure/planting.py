"""A person whose values are in every place that keeps some, and a search for them.

Each value is a word that nothing else in the database has, so that any of them that is
found is a trace of the person.
"""

from collections.abc import Iterator
from typing import Any

from tests.client import Client
from tests.end_to_end.associations.associating import associate, define
from tests.end_to_end.erasure.planted import Person
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.promises import booked, mailed

# What a survivor of the person has of its own.
OWN = {"last_name": "King", "tags": ["Own"], "city": "Paris", "address1": "1 Rue"}
EXPRESSION = 'custom_fields.motto + "!"'


def plant(client: Client) -> Person:
    """Makes a person who is known in every place."""
    person = Person(client)
    _define(client)
    _make_contact(person)
    _change_contact(person)
    _link(person)
    _associate(person)
    _mail(person)
    _agree(person)
    _book(person)
    _keep_filters(person)
    lend(person)
    _batch(person)
    _refuse(person)
    return person


def _mail(person: Person) -> None:
    """An e-mail that waits, with texts about the person."""
    word = person.word
    texts = {"subject": word(), "html": f"<p>{word()}</p>", "text": word()}
    given: dict[str, Any] = {"to_contact_id": person.id, **texts}
    given["external_ids"] = {"crm": word()}
    person.post("/emails", mailed.request(person.client, **given))


def _define(client: Client) -> None:
    """Fields of the tenant's own: unique, searchable, computed, and of notes."""
    text = {"object": "contacts", "type": "text"}
    for body in (
        {"key": "badge", "label": "Badge", "unique": True, "searchable": True} | text,
        {"key": "motto", "label": "Motto"} | text,
        {"key": "age", "label": "Age"} | text,
        {"key": "size", "label": "Size"} | text,
        {"key": "echo", "label": "Echo", "object": "contacts", "type": "formula"}
        | {"expression": EXPRESSION},
        {"key": "mood", "label": "Mood", "object": "notes", "type": "text"},
    ):
        client.create("/fields", body)


def _make_contact(person: Person) -> None:
    client, word = person.client, person.word
    person.company = client.create("/companies", {"name": "Acme"})["id"]
    body = {
        "first_name": word(),
        "last_name": word(),
        "email": f"{word()}@{word()}.example",
        "phone": person.phone(),
        "job_title": word(),
        "source": word(),
        "tags": [word(), word()],
        "address1": word(),
        "city": word(),
        "state": word(),
        "postal_code": word(),
        "company_id": person.company,
        "custom_fields": {
            "badge": word(),
            "motto": word(),
            "free": [word(), word()],
        },
        "external_ids": {"billing": word()},
    }
    person.path = f"/contacts/{person.post('/contacts', body)['id']}"
    person.deal = client.create("/deals", {"name": "Pump", "contact_id": person.id})[
        "id"
    ]


def _change_contact(person: Person) -> None:
    """Leaves what was before in the history, the timeline and the stored answers."""
    client, word = person.client, person.word
    changes: tuple[dict[str, Any], ...] = (
        {"custom_fields": {"age": word()}},
        {"last_name": word(), "custom_fields": {"motto": word()}},
        {"email": f"{word()}@x.example", "external_ids": {"crm": word()}},
        {"tags": [word()], "owner_id": None},
    )
    for change in changes:
        assert client.patch(person.path, change).status == 200
    person.post("/contacts/upsert", {"id": person.id, "city": word()})
    person.post(f"{person.path}/tags", {"tags": [word()]})
    person.post(f"{person.path}/tags", {"tags": [person.words[-1]]})
    for _ in range(33):  # so that a change holds an image of the whole record
        assert client.patch(person.path, {"lead_score": _}).status == 200
    # The field becomes a number, and the answer tells the value that is lost by it.
    (age,) = client.search("/fields", filters=_named("age"))["data"]
    to_number = {"type": "integer", "on_conflict": "clear"}
    assert person.post(f"/fields/{age['id']}/change", to_number)["sample"]
    person.keys.pop()


def _named(key: str) -> list[Any]:
    return [{"field": "key", "operator": "eq", "value": key}]


def _link(person: Person) -> None:
    """Notes, tasks and activities: alone, shared, deleted, changed."""
    client = person.client
    for alone in (True, False):
        links: dict[str, Any] = {"contact_id": person.id}
        if not alone:
            links |= {"company_id": person.company, "deal_id": person.deal}
        kept = person.alone if alone else person.shared
        for path, body in _texts(person):
            made = person.post(path, body | links)
            kept[path] = made["id"]
            text = {"name" if path == "/tasks" else "body": person.word()}
            assert client.patch(f"{path}/{made['id']}", text).status == 200
            deleted = client.create(path, _again(person, body) | links)
            assert client.delete(f"{path}/{deleted['id']}").status == 204
    done = f"/tasks/{person.alone['/tasks']}/complete"
    person.post(done, None)
    person.post(f"/notes/{person.alone['/notes']}/pin", None)


def _texts(person: Person) -> Iterator[tuple[str, Any]]:
    word = person.word
    yield "/notes", {"body": word(), "custom_fields": {"mood": word(), "x": word()}}
    yield (
        "/tasks",
        {"name": word(), "description": word(), "external_ids": {"jira": word()}},
    )
    yield (
        "/activities",
        {
            "type": "email",
            "subject": word(),
            "body": word(),
            "metadata": {"to": word(), word(): {"deep": [word()]}},
        },
    )


def _again(person: Person, body: Any) -> Any:
    """The same texts once more; an id in another system belongs to one record."""
    again = {key: value for key, value in body.items() if key != "external_ids"}
    return again | {"custom_fields": {"y": person.word()}}


def _associate(person: Person) -> None:
    """An association that lives, and one that has ended."""
    client = person.client
    define(client)
    role = {"role": person.word()}
    answer = associate(client, "works_on", person.id, person.deal, **role)
    assert answer.status == 201, answer.body
    other = client.create("/deals", {"name": "Valve"})["id"]
    body = {"type": "works_on", "from_id": person.id, "to_id": other}
    made = person.post("/associations", body | {"role": person.word()})
    assert client.delete(f"/associations/{made['id']}").status == 204


def _keep_filters(person: Person) -> None:
    """A report about the person, which asked for another address of them before.

    Its name has the first address.
    """
    client = person.client
    told = client.get(person.path).json
    filters = _named_by("email", told["email"]), _named_by("phone", told["phone"])
    aggregate = {"filters": filters, "measures": [{"op": "count", "as": "n"}]}
    name = f"Mail to {told['email']}"
    body = {"name": name, "resource": "contacts", "chart": "number"}
    made = person.post("/reports", {**body, "aggregate": aggregate})
    later = {"email": f"{person.word()}@y.example"}
    assert client.patch(person.path, later).status == 200
    named = [_named_by("email", later["email"])]
    change = {"aggregate": {**aggregate, "filters": named}}
    assert client.patch(f"/reports/{made['id']}", change).status == 200


def _named_by(field: str, value: str) -> Any:
    return {"field": field, "operator": "eq", "value": value}


def _batch(person: Person) -> None:
    """A batch with a key: its answer holds the person beside others."""
    note = {"body": person.word(), "contact_id": person.id}
    operations = [
        {"method": "get", "resource": "contacts", "id": person.id},
        {"method": "create", "resource": "companies", "body": {"name": "Other"}},
        {"method": "create", "resource": "notes", "ref": person.word(), "body": note},
        {"method": "update", "resource": "contacts", "id": person.id}
        | {"body": {"job_title": person.word()}},
    ]
    answer = person.post("/batch", {"operations": operations})
    assert answer["meta"]["failed"] == 0, answer


def lend(person: Person) -> None:
    """Merges that were undone: of the person, and then of the survivor meanwhile.

    The first survivor is changed meanwhile, so often that its history has an image of
    that time. It is merged once more when all is undone.
    """
    client = person.client
    first, second, third = (contact(client, f"own{n}", **OWN) for n in range(3))
    person.survivors = first, second
    size = {"custom_fields": {"size": person.word()}}
    assert client.patch(person.path, size).status == 200
    taken = dict.fromkeys(("phone", "city", "custom_fields.badge"), person.id)
    lent = merge(client, first, person.id, values=taken)["merge_id"]
    lent_on = merge(client, second, first)["merge_id"]
    person.post(f"/contacts/{second}/tags", {"tags": ["While"]})
    unmerge(client, second, lent_on)
    person.post(f"/contacts/{first}/tags", {"tags": ["While"]})
    person.post("/contacts/upsert", {"id": first, "last_name": "Meanwhile"})
    change = {"id": first, "first_name": None, "city": "Rome"}
    person.post("/contacts/upsert", change)
    get = {"method": "get", "resource": "contacts", "id": first}
    person.post("/batch", {"operations": [get]})
    person.keys.pop()  # Of its answer only the operation goes.
    # A number by now, so that the answer tells a value of the survivor that is lost.
    (found,) = client.search("/fields", filters=_named("size"))["data"]
    to_number = {"type": "integer", "on_conflict": "clear"}
    assert person.post(f"/fields/{found['id']}/change", to_number)["sample"]
    person.keys.pop()
    update = {"method": "update", "resource": "contacts", "id": first}
    scores = [update | {"body": {"lead_score": score}} for score in range(32)]
    assert client.post("/batch", {"operations": scores}).status == 200
    unmerge(client, first, lent)
    merge(client, third, first)


def _agree(person: Person) -> None:
    """A consent, and a suppression of the address."""
    topic = person.client.create("/topics", {"name": "News"})["id"]
    body = {"contact_id": person.id, "topic_id": topic, "status": "granted"}
    person.post("/consents", body | {"basis": person.word(), "text": person.word()})
    address = person.client.get(person.path).json["email"]
    person.post("/suppressions", {"address": address})


def _book(person: Person) -> None:
    """A booking that was cancelled, and whose place changed."""
    client = person.client
    body = booked.request(client)
    body["invitee"]["email"] = client.get(person.path).json["email"]
    made = person.post("/bookings", body)
    assert made["contact_id"] == person.id
    path = f"/bookings/{made['id']}"
    at = {"location": {"kind": "address", "value": person.word()}}
    ids = {"external_ids": {"calendar": person.word()}}
    assert client.patch(path, at | ids).status == 200
    person.post(f"{path}/cancel", {"cancel_reason": person.word()})


def _refuse(person: Person) -> None:
    """Requests that fail; the account's pages show the newest."""
    client = person.client
    for body in (
        {"email": person.word()},
        {"email": "a@b.example", "lifecycle_stage": person.word()},
    ):
        assert client.post("/contacts", body).status == 422
