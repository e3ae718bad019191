"""The tenant's fields by the pages: listed with their use, and changed by forms."""

import time
from typing import Any

import pytest

from tests.client import Client
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Form, Page, Person
from tests.harness.promptly import within

HOSTILE = '"><script>alert(1)</script>{{7*7}}\u202egnp'
COMPANIES = "/account/schema/companies"


def key_of_today() -> str:
    """A key that no other test has."""
    return f"k{time.monotonic_ns()}"


def new_field(person: Person, type: str = "text", **filled: str) -> Page:
    """Sends the form for a new field of companies, of the type that was chosen."""
    form = form_at(person, f"{COMPANIES}/new?type={type}")
    return sent(person, form, **filled)


def defined(client: Client, key: str) -> Any:
    """The definition of a key, by the API."""
    found = client.search(
        "/fields", filters=[{"field": "key", "operator": "eq", "value": key}]
    )
    return found["data"][0] if found["data"] else None


def change_of(person: Person, field: Any) -> Form:
    """The form that changes a field, as a browser fills it in."""
    return form_at(person, f"{COMPANIES}/fields/{field['id']}")


def test_a_field_is_defined_seen_used_changed_and_archived(
    person: Person, client: Client
) -> None:
    key = key_of_today()
    page = new_field(
        person, key=key, label="Seats", type="integer", min="1", unique="on"
    )
    assert page.path == f"{COMPANIES}?done=defined"
    assert "The field is defined" in page.text
    field = defined(client, key)
    told = {name: field[name] for name in ("label", "type", "min", "unique")}
    assert told == {"label": "Seats", "type": "integer", "min": 1, "unique": True}

    def counted() -> bool:
        answer = client.post("/companies", {"name": "A", "custom_fields": {key: 3}})
        return answer.status in (201, 422)

    assert within(1, counted)
    row = opened(person, COMPANIES).text.partition(f"<code>{key}</code>")[2]
    assert ">1<" in row.partition("</tr>")[0].replace("\n", "").replace(" ", "")

    changed = sent(person, change_of(person, field), label="Places", position="4")
    assert changed.path == f"{COMPANIES}?done=changed"
    after = defined(client, key)
    assert (after["label"], after["position"], after["min"]) == ("Places", 4, 1)

    asked = form_at(person, f"{COMPANIES}/fields/{field['id']}/archive")
    page = sent(person, asked)
    assert page.path == f"{COMPANIES}?done=archived"
    assert defined(client, key)["archived"] is True
    restore = next(
        each for each in page.forms if each.fields.get("restore") == field["id"]
    )
    assert sent(person, restore).path == f"{COMPANIES}?done=restored"
    assert defined(client, key)["archived"] is False


def test_every_member_of_a_definition_can_be_given(
    person: Person, client: Client
) -> None:
    key = key_of_today()
    options = "gold = Gold one\niron\n"
    made = new_field(
        person,
        **{"key": key, "label": "Plan", "type": "select", "options": options},
        **{"default_value": "iron", "group": "Sales", "description": "What they pay"},
        **{"sensitive": "on", "reader.viewer": "on", "position": "2"},
    )
    assert made.path.endswith("done=defined")
    field = defined(client, key)
    assert [(each["value"], each["label"]) for each in field["options"]] == [
        ("gold", "Gold one"),
        ("iron", "Iron"),
    ]
    assert field["default_value"] == "iron"
    assert (field["sensitive"], field["readable_by"]) == (True, ["viewer"])
    form = change_of(person, field)
    assert form.fields["reader.viewer"] == "on"
    cleared = sent(person, form, default_value="")
    assert cleared.path.endswith("done=changed")
    after = defined(client, key)
    assert after["default_value"] is None
    assert after["options"] == field["options"], "they have a page of their own"

    formula = key_of_today()
    made = new_field(
        person,
        **{"key": formula, "label": "F", "type": "formula", "decimals": "1"},
        expression="employee_count * 2",
    )
    assert made.path.endswith("done=defined")
    assert defined(client, formula)["result"] == "number"
    assert "employee_count * 2" in opened(person, COMPANIES).text


def test_what_is_wrong_is_said_and_what_was_typed_stays(person: Person) -> None:
    page = new_field(person, key="Wrong Key", label=HOSTILE, type="formula")
    assert page.answer.status == 400
    assert "Give expression; a formula has one." in page.text
    assert "<script>" not in page.text
    assert page.forms[-1].fields["label"] == HOSTILE
    page = new_field(person, type="decimal", key="a", label="A", position="x", min="y")
    assert "Give a whole number." in page.text
    assert "Give a number in digits" in page.text
    page = new_field(person, key=key_of_today(), label="")
    assert (page.answer.status, "fault-label" in page.text) == (400, True)


def test_values_that_do_not_fit_are_told_and_can_be_cleared(
    person: Person, client: Client
) -> None:
    key = key_of_today()
    given = {"name": "A", "custom_fields": {key: "x"}}
    company = client.create("/companies", given)
    filled = {"key": key, "label": "N", "type": "integer"}
    page = new_field(person, **filled)
    assert page.answer.status == 409
    assert "do not fit" in page.text
    assert "<strong>1</strong>" in page.text, "the number of records in the way"
    assert company["id"] in page.text
    page = new_field(person, **filled, existing="clear")
    assert page.path.endswith("done=defined")


def test_a_form_that_is_too_old_changes_nothing(person: Person, client: Client) -> None:
    key = key_of_today()
    new_field(person, key=key, label="A")
    field = defined(client, key)
    form = change_of(person, field)
    client.patch(f"/fields/{field['id']}", {"label": "B"})
    page = sent(person, form, label="C")
    assert page.answer.status == 409
    assert defined(client, key)["label"] == "B"


def test_other_keys_are_refused_and_taken_again(person: Person, client: Client) -> None:
    path = "/account/schema/notes"
    for state, is_open in (("closed", False), ("opened", True)):
        page = sent(person, form_at(person, path))
        assert page.path == f"{path}?done={state}"
        assert client.get("/objects/notes").json["open"] is is_open


def test_who_may_not_write_sees_all_and_changes_nothing(
    desk: Scene, client: Client, person: Person
) -> None:
    key = key_of_today()
    new_field(person, key=key, label="Mine")
    field = defined(client, key)
    email = f"vera{time.monotonic_ns()}@{desk.tenant.name}.example"
    add_user(desk.tenant, email, "viewer")
    viewer = Person(desk.tenant.stack.http)
    viewer.log_in(email)
    client.patch(f"/fields/{field['id']}", {"sensitive": True})
    field = defined(client, key)
    listed = opened(viewer, COMPANIES)
    row = listed.text.partition(f"<code>{key}</code>")[2].partition("</tr>")[0]
    assert "not counted" in row, "the field is masked for a viewer"
    assert len(listed.forms) == 1, "the form for the logout alone"
    token = listed.forms[0].fields["form_token"]
    for path, fields in (
        (f"{COMPANIES}/new", {"key": "x", "label": "X", "type": "text"}),
        (f"{COMPANIES}/fields/{field['id']}", {"label": "Theirs", "type": "text"}),
        (f"{COMPANIES}/fields/{field['id']}/archive", {}),
        (COMPANIES, {"open": "no"}),
        (COMPANIES, {"restore": field["id"]}),
        (f"{COMPANIES}/fields/{field['id']}/type", {"to": "url", "step": "change"}),
        (
            "/account/schema/new-object",
            {"slug": "xs", "singular_label": "X", "plural_label": "Xs"},
        ),
        ("/account/schema", {"restore": "x"}),
        (
            "/account/associations/new",
            {"key": "x", "label": "X", "inverse_label": "X"}
            | {"from_object": "deals", "to_object": "deals"},
        ),
        ("/account/associations", {"restore": "asy_0"}),
    ):
        page = sent(viewer, Form(path, {"form_token": token} | fields))
        assert page.answer.status == 403
    assert defined(client, key) == field


def test_a_form_of_nobody_is_refused(person: Person) -> None:
    for token in ("", "x"):
        form = Form(f"{COMPANIES}/new", {"form_token": token, "key": "x", "label": "X"})
        assert sent(person, form).answer.status in (400, 403)


@pytest.mark.parametrize(
    "path",
    [
        *("planets", "contacts/fields/fld_0", "users", "contacts/new/x"),
        *("contacts/labels", "contacts/archive", "contacts/fields/fld_0/type"),
    ],
)
def test_what_is_not_there_is_not_found(path: str, person: Person) -> None:
    assert opened(person, f"/account/schema/{path}").answer.status == 404
