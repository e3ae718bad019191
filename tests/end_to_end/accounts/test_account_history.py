"""The page of a record's history, and what it restores."""

import re

import pytest

from tests.client import Client
from tests.end_to_end.accounts.seen import (
    HISTORY,
    fields_told,
    history,
    new_contact,
    new_name,
    restoring,
    user,
)
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Person

HOSTILE = '"><script>alert(1)</script>{{7*7}}\u202egnp'
NOBODY = "con_" + "0" * 24


def test_a_history_tells_what_changed_by_whom_and_with_what(
    person: Person, client: Client
) -> None:
    record = new_contact(client, city="Rome")
    answer = client.patch(f"/contacts/{record}", {"city": HOSTILE})
    page = history(person, record)
    assert page.answer.status == 200
    assert fields_told(page)[0] == "city"
    changed, created = page.text.index(">Updated<"), page.text.index(">Created<")
    assert changed < created, "the newest comes first"
    assert "Rome" in page.text[changed:created]
    assert "<script>" not in page.text
    me = client.get("/me").json
    assert me["user"]["name"] in page.text[changed:created]
    assert answer.headers["x-trace-id"] in page.text[changed:created]


def test_a_token_is_told_to_its_user_and_to_those_who_see_all(
    desk: Scene, person: Person, client: Client
) -> None:
    form = form_at(person, "/account/tokens/new")
    name = new_name()
    filled = {"name": name, "contact.read": "on", "contact.write": "on"}
    secret = re.findall(r"pcp_\w{39,}", sent(person, form, **filled).text)[0]
    mine = desk.tenant.client(token=secret)
    record = new_contact(mine)
    mine.close()
    assert name in history(person, record).text
    assert name not in history(user(desk, "manager"), record).text


def test_a_history_can_be_read_for_one_field_and_some_days(
    person: Person, client: Client
) -> None:
    record = new_contact(client, custom_fields={"plan": "iron"})
    client.patch(f"/contacts/{record}", {"custom_fields": {"plan": "gold"}})
    page = history(person, record, fields="custom_fields.plan")
    assert fields_told(page) == ["custom_fields.plan"] * 2
    assert fields_told(history(person, record, to="2020-01-01")) == []
    assert fields_told(history(person, record, **{"from": "2020-01-01"}))
    for name in ("fields", "from", "to"):
        page = history(person, record, **{name: "planet"})
        assert page.answer.status == 400
        assert f"<code>{name}" in page.text, "it says what is wrong"
    assert history(person, record, cursor="x").answer.status == 400


def test_a_long_history_has_further_pages(person: Person, client: Client) -> None:
    record = new_contact(client)
    for number in range(26):
        client.patch(f"/contacts/{record}", {"city": f"City {number}"})
    page = history(person, record, fields="city")
    found = re.search(r'href="([^"]+)">Older changes', page.text)
    assert found is not None
    older = opened(person, found[1].replace("&amp;", "&"))
    assert len(fields_told(page)) == 25
    assert fields_told(older) == ["city"]
    assert "City 0" in older.text
    assert "Older changes" not in older.text


def test_every_type_of_record_has_its_history_here(
    person: Person, client: Client
) -> None:
    slug = new_name()
    labels = {"singular_label": "Machine", "plural_label": "Machines"}
    client.create("/objects", {"slug": slug, **labels})
    company = client.create("/companies", {"name": "Acme"})["id"]
    note = client.create("/notes", {"body": "x" * 300, "company_id": company})["id"]
    own = client.create(f"/objects/{slug}/records", {"name": "Engine"})["id"]
    for record_id, resource in ((company, "Companies"), (note, "Notes"), (own, slug)):
        page = history(person, record_id)
        assert page.answer.status == 200
        assert f'<p class="hint">{resource.capitalize()}' in page.text
    assert f'href="{HISTORY}?id={company}"' in history(person, note).text
    assert "<details><summary>" in history(person, note).text, "a long text is folded"


@pytest.mark.parametrize("record_id", [NOBODY, "x", "usr_" + "0" * 24, "%00"])
def test_what_is_not_there_has_no_history(person: Person, record_id: str) -> None:
    page = history(person, record_id)
    assert page.answer.status == 404
    assert "There is no such record" in page.text


def test_a_deleted_record_is_restored(person: Person, client: Client) -> None:
    record = new_contact(client)
    assert restoring(history(person, record)) == []
    client.delete(f"/contacts/{record}")
    page = history(person, record)
    assert "This record was deleted" in page.text
    (form,) = restoring(page)
    page = sent(person, form)
    assert page.path == f"{HISTORY}?id={record}&done=restored"
    assert "The record is restored" in page.text
    assert client.get(f"/contacts/{record}").status == 200


def test_what_is_in_the_way_of_restoring_is_said(
    person: Person, client: Client
) -> None:
    key = {"external_ids": {"erp": new_name()}}
    record = new_contact(client, **key)
    client.delete(f"/contacts/{record}")
    (form,) = restoring(history(person, record))
    other = new_contact(client, **key)
    page = sent(person, form)
    assert page.answer.status == 400
    assert "Nothing was restored." in page.text
    assert f"id={other}" in page.text
    assert client.get(f"/contacts/{record}").status == 404


def test_an_erased_person_is_said_to_be_erased(person: Person, client: Client) -> None:
    record = new_contact(client, city="Rome")
    client.post(f"/contacts/{record}/erase", {"reason": "She asked for it."})
    page = history(person, record)
    assert page.answer.status == 410
    assert "This contact was erased" in page.text
    assert "She asked for it." in page.text
    assert "Rome" not in page.text


def test_a_masked_field_stays_masked_in_its_past(
    desk: Scene, person: Person, client: Client
) -> None:
    key = new_name()
    field = {"object": "contacts", "key": key, "type": "text", "label": "Pay"}
    client.create("/fields", field | {"sensitive": True})
    record = new_contact(client, custom_fields={key: "much"})
    assert "much" in history(person, record).text
    page = history(user(desk, "viewer"), record)
    assert page.answer.status == 200
    assert "much" not in page.text


def test_a_member_is_told_of_the_records_that_they_see(
    desk: Scene, client: Client
) -> None:
    member, theirs = user(desk, "member"), desk.tenant.users["owner"]
    hidden, seen = (new_contact(client, owner_id=each) for each in (theirs, None))
    answers = [history(member, each).answer.status for each in (hidden, seen)]
    assert answers == [404, 200]
    client.delete(f"/contacts/{hidden}")
    page = history(member, hidden)
    assert (page.answer.status, restoring(page)) == (404, [])


def test_an_app_is_named(desk: Scene, person: Person) -> None:
    app = desk.oauth.register(client_name="Engine Dialler")
    tokens = desk.oauth.exchange(app, desk.oauth.grant(app, desk.session))
    of_app = desk.tenant.client(token=tokens.access_token)
    record = new_contact(of_app)
    of_app.close()
    assert "with <bdi>Engine Dialler</bdi>" in history(person, record).text
