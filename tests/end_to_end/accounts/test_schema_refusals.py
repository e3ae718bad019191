"""Forms of the schema that are refused: each says why, at the input that is wrong."""

import time

from tests.client import Client
from tests.end_to_end.accounts.seen import user
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Form, Person

COMPANIES = "/account/schema/companies"


def test_all_faults_of_a_form_are_told_at_once(person: Person) -> None:
    form = form_at(person, f"{COMPANIES}/new?type=decimal")
    page = sent(person, form, key="Wrong Key", label="A", position="x", min="1_0")
    assert page.answer.status == 400
    for name in ("key", "position", "min"):
        assert f'<a href="#{name}">' in page.text
        assert f'id="fault-{name}"' in page.text
    assert "Least number: Give a number in digits" in page.text


def test_a_key_that_is_taken_names_the_field(person: Person, client: Client) -> None:
    key = f"k{time.monotonic_ns()}"
    given = {"object": "companies", "key": key, "type": "text", "label": "First one"}
    field = client.create("/fields", given)
    answer = client.post("/fields", given)
    assert answer.codes == {"key": "not_unique"}
    assert "First one" in answer.json["errors"][0]["message"]
    client.delete(f"/fields/{field['id']}")
    form = form_at(person, f"{COMPANIES}/new?type=text")
    page = sent(person, form, key=key, label="B")
    assert "archived field" in page.text
    assert field["id"] in page.text


def test_who_may_not_write_is_told_so(
    desk: Scene, person: Person, client: Client
) -> None:
    key = f"k{time.monotonic_ns()}"
    given = {"object": "companies", "key": key, "type": "text", "label": "A"}
    field = client.create("/fields", given)
    viewer = user(desk, "viewer")
    for path in (
        *(f"{COMPANIES}/new", "/account/schema/new-object"),
        *("/account/associations/new", f"{COMPANIES}/fields/{field['id']}/archive"),
        f"{COMPANIES}/fields/{field['id']}/type",
    ):
        page = opened(viewer, path)
        assert page.answer.status == 403, path
        assert "Your role, viewer, may not change the schema." in page.text
        assert "too old" not in page.text
    shown = opened(viewer, f"{COMPANIES}/fields/{field['id']}")
    assert '<fieldset class="parts whole" disabled>' in shown.text
    assert "Save" not in shown.text


def test_a_refusal_gives_its_reason(person: Person) -> None:
    token = form_at(person, COMPANIES).fields["form_token"]
    large = Form(COMPANIES, {"form_token": token, "open": "x" * 70_000})
    page = sent(person, large)
    assert (page.answer.status, "at most 64 KiB" in page.text) == (413, True)
    forged = Form(
        f"{COMPANIES}/new",
        {"form_token": token, "type": "text", "key": "x", "existing": "bogus"},
    )
    page = sent(person, forged)
    assert page.answer.status == 400
    assert "names no choice for values" in page.text
    page = opened(person, "/account/merges?cursor=x")
    assert page.answer.status == 400
    assert "too old" not in page.text


def test_a_number_in_an_address_is_no_text_of_a_page(
    person: Person, client: Client
) -> None:
    key = f"k{time.monotonic_ns()}"
    options = [{"value": "a", "label": "A"}]
    given = {"object": "companies", "key": key, "label": "A", "options": options}
    field = client.create("/fields", given | {"type": "select"})
    path = f"{COMPANIES}/fields/{field['id']}/options"
    assert "were moved" not in opened(person, f"{path}?moved=buy+here").text
    assert "7 records were moved" in opened(person, f"{path}?moved=7").text
