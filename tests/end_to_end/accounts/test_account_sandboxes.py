"""Sandboxes by the pages: made, opened, reset, deleted, their clocks and faults."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.client import Client
from tests.end_to_end.accounts.seen import user
from tests.harness.people.account import form_at, opened, sent, soon
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Form, Page, Person

SANDBOXES = "/account/sandboxes"
TOKEN = re.compile(r"\bpct_[0-9A-Za-z]{39,}")


@pytest.fixture
def client(desk: Scene) -> Iterator[Client]:
    """The tenant's owner, by the API."""
    its = desk.tenant.client()
    yield its
    for each in its.pages("/sandboxes"):
        its.delete(f"/sandboxes/{each['id']}")
    its.close()


def make(person: Person, **filled: str) -> Page:
    form = form_at(person, f"{SANDBOXES}/new")
    given = {"name": "Trial", "copy": "schema", "sample": "", **filled}
    return sent(person, form, **given)


def made(person: Person, **filled: str) -> tuple[str, str]:
    """A sandbox: its page, and its token."""
    page = make(person, **filled)
    assert page.answer.status == 200, page.text
    (token,) = set(TOKEN.findall(page.text))
    (at,) = set(re.findall(rf"{SANDBOXES}/sbx_[0-9a-f]{{24}}", page.text))
    return at, token


def form_that(page: Page, does: str) -> Form:
    return next(each for each in page.forms if each.fields.get("do") == does)


def test_a_sandbox_is_made_used_reset_and_deleted(
    person: Person, client: Client
) -> None:
    at, token = made(person, name="Trial <b>of</b> July", expires_in_days="3")
    inside = Client(client.address, token=token)
    assert inside.get("/me").json["sandbox"] is True
    inside.create("/contacts", {"email": "ada@box.example"})
    listed = opened(person, SANDBOXES).text
    assert "Trial &lt;b&gt;of&lt;/b&gt; July" in listed
    assert "Your schema" in listed
    page = opened(person, at)
    assert not TOKEN.search(listed + page.text), "it was shown once"
    assert "real time" in page.text

    assert "Reset this sandbox?" in opened(person, f"{at}/reset").text
    again = sent(person, form_at(person, f"{at}/reset"))
    assert again.path == f"{at}?done=reset"
    assert soon(lambda: "Ready" in opened(person, at).text)
    assert inside.search("/contacts")["data"] == []

    gone = sent(person, form_at(person, f"{at}/delete"))
    assert gone.path == f"{SANDBOXES}?done=deleted"
    assert at not in gone.text
    assert soon(lambda: inside.get("/me").status == 401)
    assert opened(person, at).answer.status == 404
    inside.close()


def test_the_token_outlives_the_login_that_made_it(desk: Scene, client: Client) -> None:
    """A token of a page is the user's: it ends with the sandbox, not with the login."""
    someone = user(desk, "admin")
    at, token = made(someone, expires_in_days="30")
    inside = Client(client.address, token=token)
    ends = client.get(f"/sandboxes/{at.rpartition('/')[2]}").json["expires_at"]
    assert inside.get("/me").json["token"]["expires_at"] == ends
    form = next(e for e in opened(someone, at).forms if e.action == "/oauth/logout")
    someone.submit(form)
    assert inside.get("/me").status == 200
    inside.close()


def test_a_clock_is_moved_and_says_what_it_did(person: Person, client: Client) -> None:
    at, token = made(person)
    form = form_that(opened(person, at), "move")
    assert ("advance", "P1Y") in form.buttons
    page = sent(person, form, advance="P1Y")
    assert page.path == f"{at}?done=move"

    def arrived() -> bool:
        page = opened(person, at)
        is_open = "On its way" in page.text
        assert ("refresh" in page.answer.headers) == is_open
        return not is_open

    assert soon(arrived)
    page = opened(person, at)
    year = datetime.now(UTC).year + 1
    assert re.search(rf"until the clock showed {year}-", page.text)
    assert ">moved<" in page.text
    inside = Client(client.address, token=token)
    contact = inside.create("/contacts", {"email": "ada@clock.example"})
    assert contact["created_at"].startswith(str(year))
    inside.close()

    for wrong, told in (
        ({"at": "2020-01-01T00:00"}, "The clock moves forward only"),
        ({"at": "soon"}, "Give a moment such as 2027-01-31T09:00"),
        ({"advance": "a month"}, "Give a duration of whole numbers"),
        ({}, "Give either at or advance"),
    ):
        refused = sent(person, form_that(page, "move"), **wrong)
        assert refused.answer.status == 400
        assert told in refused.text


def test_faults_are_planted_counted_and_taken_back(
    person: Person, client: Client
) -> None:
    at, token = made(person)
    form = form_that(opened(person, at), "plant")
    given = {"what": "503", "operation": "createContact", "number": "2"}
    page = sent(person, form, **given, share="0.5", after="on")
    assert page.path == f"{at}?done=plant"
    for told in ("503: not available for now", "createContact", "0 of 2", "Planted"):
        assert told in page.text
    inside = Client(client.address, token=token)
    bodies = [{"email": f"{number}@fault.example"} for number in range(5)]
    statuses = [inside.post("/contacts", body).status for body in bodies]
    assert statuses == [201, 503, 201, 503, 201]
    assert len(inside.pages("/contacts")) == 5, "only the answers were lost"
    inside.close()
    page = opened(person, at)
    assert "2 of 2" in page.text
    assert "Ended" in page.text
    page = sent(person, form, what="drop", number="60", unit="seconds", operation="")
    assert "It does not come" in page.text or "it does not come" in page.text
    page = sent(person, form_that(page, "end"))
    assert page.path == f"{at}?done=end"
    assert "Nothing goes wrong on purpose" in page.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"number": "many"}, "Give a whole number"),
        ({"number": "0"}, "fault-number"),
        ({"number": "999999"}, "fault-number"),
        ({"operation": "eatContact"}, "Give the name of an operation"),
        ({"what": "418"}, "Give one of 429"),
        ({"what": "sulk"}, "Give one of 429"),
        ({"what": "drop", "after": "on"}, "Only a fault of requests has it"),
        ({"what": "drop", "operation": "createContact"}, "has no operation"),
    ],
)
def test_what_is_wrong_with_a_fault_stands_beside_its_field(
    person: Person, client: Client, wrong: dict[str, str], told: str
) -> None:
    at, _ = made(person, copy="nothing")
    form = form_that(opened(person, at), "plant")
    page = sent(person, form, **{"what": "500", "number": "1", **wrong})
    assert page.answer.status == 400
    assert told in page.text
    assert client.get(f"{at.removeprefix('/account')}/faults").json == {"data": []}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "fault-name"),
        ({"copy": "all"}, "fault-copy"),
        ({"expires_in_days": "31"}, "fault-expires_in_days"),
        ({"expires_in_days": "a week"}, "Give a whole number"),
        ({"copy": "schema_and_sample", "sample": "10001"}, "fault-sample"),
        ({"seed": "-1"}, "Give a whole number"),
    ],
)
def test_what_is_wrong_with_a_sandbox_stands_beside_its_field(
    person: Person, client: Client, wrong: dict[str, str], told: str
) -> None:
    page = make(person, **wrong)
    assert page.answer.status == 400
    assert told in page.text
    assert not TOKEN.search(page.text)
    assert client.pages("/sandboxes") == []


def test_the_same_rules_hold_as_for_a_token(person: Person, client: Client) -> None:
    made(person, copy="nothing")
    assert len(client.pages("/sandboxes")) == 1
    for _ in range(4):
        made(person, copy="nothing")
    page = make(person, copy="nothing")
    assert page.answer.status == 400
    assert "There are at most 5 sandboxes" in page.text


def test_a_form_works_in_its_own_session_alone(
    person: Person, desk: Scene, client: Client
) -> None:
    at, _ = made(person, copy="nothing")
    page, other = opened(person, at), user(desk, "admin")
    forms = [
        form_that(page, "move"),
        form_that(page, "plant"),
        form_at(person, f"{at}/reset"),
        form_at(person, f"{at}/delete"),
        form_at(person, f"{SANDBOXES}/new"),
    ]
    for form in forms:
        given = {"name": "B", "copy": "nothing", "what": "500", "number": "1"}
        answer = other.submit(form, **given, advance="P1D")
        assert isinstance(answer, Page)
        assert answer.answer.status in (400, 403, 409), form.action
    (left,) = client.pages("/sandboxes")
    assert left["state"] == "ready"
    place = f"/sandboxes/{left['id']}"
    assert client.get(f"{place}/faults").json == {"data": []}
    assert client.get(f"{place}/clock").json["moved"] is False


def test_the_audit_tells_what_the_pages_did(person: Person, client: Client) -> None:
    at, _ = made(person, copy="nothing")
    page = opened(person, at)
    sent(person, form_that(page, "plant"), what="500", number="1")
    sent(person, form_that(opened(person, at), "end"))
    sent(person, form_at(person, f"{at}/delete"))
    its = at.rpartition("/")[2]
    told = [e for e in client.search("/audit")["data"] if e["target"] == its]
    assert {(each["event"], each["ip"]) for each in told} == {
        (f"sandbox_{name}", "127.0.0.1")
        for name in ("created", "faults_planted", "faults_ended", "deleted")
    }


def test_who_may_not_is_refused_and_not_led_there(desk: Scene, person: Person) -> None:
    member = user(desk, "member")
    for path in (SANDBOXES, f"{SANDBOXES}/new", f"{SANDBOXES}/sbx_{'0' * 24}"):
        assert opened(member, path).answer.status == 403
    assert SANDBOXES not in opened(member, "/account").text
    assert SANDBOXES in opened(person, "/account").text
    unknown = opened(person, f"{SANDBOXES}/sbx_{'0' * 24}")
    assert unknown.answer.status == 404
