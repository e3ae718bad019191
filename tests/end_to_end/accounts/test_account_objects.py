"""The tenant's objects and association types by the pages: made, labelled, archived."""

import time
from typing import Any

from tests.client import Client
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.person import Form, Page, Person

SCHEMA = "/account/schema"
TYPES = "/account/associations"
HOSTILE = '"><script>alert(1)</script>{{7*7}}\u202egnp'


def new_name() -> str:
    """A slug or a key that no other test has."""
    return f"m{time.monotonic_ns()}"


def made_object(person: Person, **filled: str) -> Page:
    """Sends the form for a new object."""
    labels = {"singular_label": "Machine", "plural_label": "Machines"}
    return sent(person, form_at(person, f"{SCHEMA}/new-object"), **(labels | filled))


def restoring(page: Page, what: str) -> Form:
    """The form that restores something."""
    return next(each for each in page.forms if each.fields.get("restore") == what)


def row_of(page: Page, name: str) -> str:
    """What the row of a name says, without the tags."""
    return page.text.partition(f"<code>{name}</code>")[2].partition("</tr>")[0]


def test_an_object_is_made_labelled_archived_and_restored(
    person: Person, client: Client
) -> None:
    slug = new_name()
    page = made_object(person, slug=slug, description="What stands there", open="no")
    assert page.path == f"{SCHEMA}/{slug}?done=created"
    found = client.get(f"/objects/{slug}").json
    told = {n: found[n] for n in ("singular_label", "plural_label", "open")}
    assert told == {
        **{"singular_label": "Machine", "plural_label": "Machines"},
        "open": False,
    }
    client.create(f"/objects/{slug}/records", {"name": "Engine"})
    assert ">1<" in row_of(opened(person, SCHEMA), slug), "its records are counted"

    form = form_at(person, f"{SCHEMA}/{slug}/labels")
    page = sent(person, form, plural_label="Engines", description="")
    assert page.path == f"{SCHEMA}/{slug}?done=labelled"
    after = client.get(f"/objects/{slug}").json
    assert (after["plural_label"], after["description"]) == ("Engines", None)
    page = sent(person, form, plural_label="Others")
    assert page.answer.status == 409, "the form is older than the labels"

    page = sent(person, form_at(person, f"{SCHEMA}/{slug}/archive"))
    assert page.path == f"{SCHEMA}?done=archived"
    assert client.get(f"/objects/{slug}").json["archived"] is True
    page = sent(person, restoring(page, slug))
    assert page.path == f"{SCHEMA}?done=restored"
    assert client.get(f"/objects/{slug}").json["archived"] is False


def test_what_is_wrong_with_an_object_stands_beside_its_input(person: Person) -> None:
    page = made_object(person, slug="Wrong Slug", plural_label=HOSTILE)
    assert page.answer.status == 400
    assert 'id="fault-slug"' in page.text
    assert "<script>" not in page.text
    assert page.forms[-1].fields["plural_label"] == HOSTILE
    page = made_object(person, slug="contacts", singular_label="")
    for name in ("slug", "singular_label"):
        assert f'id="fault-{name}"' in page.text


def test_an_object_in_use_is_not_archived_and_its_users_are_told(
    person: Person, client: Client
) -> None:
    slug, key = new_name(), new_name()
    made_object(person, slug=slug)
    client.create(f"/objects/{slug}/records", {"name": "Engine"})
    field = {"object": "deals", "key": key, "type": "record", "label": "Machine"}
    client.create("/fields", field | {"target": slug})
    page = sent(person, form_at(person, f"{SCHEMA}/{slug}/archive"))
    assert page.answer.status == 409
    assert f"deals.{key}" in page.text
    assert client.get(f"/objects/{slug}").json["archived"] is False


def new_type(person: Person, **filled: str) -> Page:
    """Sends the form for a new association type."""
    given = {"label": "Referred by", "inverse_label": "Referrals"}
    ends = {"from_object": "contacts", "to_object": "contacts"}
    return sent(person, form_at(person, f"{TYPES}/new"), **(given | ends | filled))


def test_an_association_type_is_made_labelled_archived_and_restored(
    person: Person, client: Client
) -> None:
    key = new_name()
    page = new_type(person, key=key, cardinality="one_to_many")
    assert page.path == f"{TYPES}?done=created"
    chosen = [{"field": "key", "operator": "eq", "value": key}]

    def found() -> Any:
        return client.search("/association_types", filters=chosen)["data"][0]

    its = found()
    assert its["cardinality"] == "one_to_many"
    phones = ({"phone": f"+49301234{n}"} for n in (10, 11))
    ends = [client.create("/contacts", each)["id"] for each in phones]
    client.create("/associations", {"type": key, "from_id": ends[0], "to_id": ends[1]})
    row = row_of(opened(person, TYPES), key)
    assert ">1<" in row, "its associations are counted"
    assert "one to many" in row

    path = f"{TYPES}/types/{its['id']}"
    page = sent(person, form_at(person, path), label="Found by")
    assert page.path == f"{TYPES}?done=labelled"
    assert (found()["label"], found()["inverse_label"]) == ("Found by", "Referrals")

    asked = opened(person, f"{path}/archive")
    assert "One association is hidden" in asked.text
    page = sent(person, asked.forms[-1])
    assert page.path == f"{TYPES}?done=archived"
    assert found()["archived"] is True
    page = sent(person, restoring(page, its["id"]))
    assert page.path == f"{TYPES}?done=restored"
    assert found()["archived"] is False


def test_what_is_wrong_with_a_type_stands_beside_its_input(
    person: Person, client: Client
) -> None:
    page = new_type(person, key="company_parent", label=HOSTILE, from_object="")
    assert page.answer.status == 400
    for name in ("key", "from_object"):
        assert f'id="fault-{name}"' in page.text
    assert "<script>" not in page.text
    assert page.forms[-1].fields["label"] == HOSTILE


def test_a_built_in_type_has_no_form(person: Person, client: Client) -> None:
    chosen = [{"field": "key", "operator": "eq", "value": "company_parent"}]
    its = client.search("/association_types", filters=chosen)["data"][0]
    assert opened(person, f"{TYPES}/types/{its['id']}").answer.status == 404
    assert opened(person, f"{TYPES}/types/asy_0").answer.status == 404
