"""Options and types of fields by the pages: changed with the values of records."""

import time
from typing import Any

from tests.client import Client
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.person import Person
from tests.harness.promptly import within

COMPANIES = "/account/schema/companies"


def defined(client: Client, **given: Any) -> Any:
    """A new field of companies."""
    key = f"k{time.monotonic_ns()}"
    given = {"object": "companies", "key": key, "label": "Plan"} | given
    return client.create("/fields", given)


def company(client: Client, key: str, value: Any) -> str:
    """A new company with a value, as soon as every process knows the field."""
    body = {"name": "A", "custom_fields": {key: value}}
    made = client.create("/companies", body)
    return str(made["id"])


def value_of(client: Client, company_id: str, key: str) -> Any:
    return client.get(f"/companies/{company_id}").json["custom_fields"].get(key)


def type_page(field: Any) -> str:
    return f"{COMPANIES}/fields/{field['id']}/type"


def test_a_change_of_type_is_shown_before_it_is_made(
    person: Person, client: Client
) -> None:
    field = defined(client, type="text")
    key = field["key"]
    five, many = company(client, key, "5"), company(client, key, "many")
    chosen = form_at(person, type_page(field))
    assert ("to", "integer") in chosen.buttons
    assert ("to", "formula") not in chosen.buttons, "no text becomes a formula"
    looked = sent(person, chosen, to="integer")
    assert "<dt>Records with a value</dt><dd>2</dd>" in looked.text
    assert "<dt>Stored otherwise</dt><dd>1</dd>" in looked.text
    assert "<dt>Without a conversion</dt><dd>1</dd>" in looked.text
    assert "<code>many</code>" in looked.text
    assert client.get(f"/fields/{field['id']}").json == field, "nothing was changed"
    assert value_of(client, five, key) == "5"

    form = looked.forms[-1]
    refused = sent(person, form, step="change", on_conflict="refuse")
    assert refused.answer.status == 409
    assert "<strong>1</strong>" in refused.text
    assert many in refused.text

    stand_in = {"to.1": "12", "on_conflict": "map", "step": "change"}
    changed = sent(person, form, **stand_in)
    assert changed.path == f"{COMPANIES}?done=changed"
    assert client.get(f"/fields/{field['id']}").json["type"] == "integer"
    assert (value_of(client, five, key), value_of(client, many, key)) == (5, 12)


def test_a_text_becomes_a_select_with_the_options_that_are_given(
    person: Person, client: Client
) -> None:
    field = defined(client, type="text")
    key = field["key"]
    gold, other = company(client, key, "gold"), company(client, key, "other")
    asked = sent(person, form_at(person, type_page(field)), to="select")
    assert asked.answer.status == 200
    missing = sent(person, asked.forms[-1], step="look")
    assert missing.answer.status == 400
    assert "fault-options" in missing.text
    options = "gold = Gold plan"
    looked = sent(person, asked.forms[-1], options=options, step="look")
    assert "<dt>Without a conversion</dt><dd>1</dd>" in looked.text
    cleared = {"options": options, "on_conflict": "clear", "step": "change"}
    assert sent(person, looked.forms[-1], **cleared).path.endswith("done=changed")
    after = client.get(f"/fields/{field['id']}").json
    assert [each["label"] for each in after["options"]] == ["Gold plan"]
    assert value_of(client, gold, key) == "gold"
    assert value_of(client, other, key) is None


def test_a_page_that_is_too_old_changes_no_type(person: Person, client: Client) -> None:
    field = defined(client, type="text")
    looked = sent(person, form_at(person, type_page(field)), to="url")
    client.patch(f"/fields/{field['id']}", {"label": "Other"})
    page = sent(person, looked.forms[-1], step="change")
    assert page.answer.status == 409
    assert client.get(f"/fields/{field['id']}").json["type"] == "text"


def test_options_get_labels_are_archived_and_added(
    person: Person, client: Client
) -> None:
    options = [{"value": f"o{n:02}", "label": f"Option {n}"} for n in range(28)]
    options[0]["color"] = "#1f77b4"
    field = defined(client, type="select", options=options)
    path = f"{COMPANIES}/fields/{field['id']}/options"
    form = opened(person, path).forms[1]
    assert "label.o24" in form.fields, "25 stand on the first page"
    assert "label.o25" not in form.fields
    filled = {"label.o00": "First", "archived.o01": "on", "options": "new = Newest"}
    page = sent(person, form, **filled)
    assert page.path == f"{path}?done=changed"
    after = client.get(f"/fields/{field['id']}").json["options"]
    assert after[0] == {
        **{"value": "o00", "label": "First"},
        **{"color": "#1f77b4", "archived": False},
    }
    assert [each["value"] for each in after if each["archived"]] == ["o01"]
    assert (after[27]["label"], after[28]["label"]) == ("Option 27", "Newest")

    second = opened(person, f"{path}?page=2").forms[1]
    assert set(second.fields) >= {"label.o25", "label.new"}
    page = sent(person, second, **{"label.new": "", "options": "o03 = Twice"})
    assert page.answer.status == 400
    assert 'id="fault-new"' in page.text, "the fault stands beside its option"
    assert "Another option has this value." in page.text
    assert client.get(f"/fields/{field['id']}").json["options"] == after


def test_records_move_from_one_option_to_another(
    person: Person, client: Client
) -> None:
    options = [{"value": each, "label": each} for each in ("gold", "iron", "tin")]
    field = defined(client, type="select", options=options)
    key, path = field["key"], f"{COMPANIES}/fields/{field['id']}/options"
    made = company(client, key, "gold")
    form = form_at(person, path)
    page = sent(person, form, **{"replace": "gold", "with": "gold"})
    assert page.answer.status == 400
    assert 'id="fault-with"' in page.text
    page = sent(person, form, **{"replace": "gold", "with": "tin"})
    assert "1 record was moved." in page.text
    assert within(1, lambda: value_of(client, made, key) == "tin")


def test_a_field_without_options_has_no_page_of_them(
    person: Person, client: Client
) -> None:
    field = defined(client, type="date")
    path = f"{COMPANIES}/fields/{field['id']}/options"
    assert opened(person, path).answer.status == 404
