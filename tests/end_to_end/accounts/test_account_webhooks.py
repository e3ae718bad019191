"""Webhooks by the pages: made, looked at, sent again, given a new secret, deleted."""

import re
from contextlib import closing

from tests.client import Client
from tests.end_to_end.accounts.seen import user
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.webhooks.kept import body, delivered
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Form, Page, Person
from tests.world import administer

WEBHOOKS = "/account/webhooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def filled(form: Form, **fields: str) -> Form:
    return Form(form.action, {**form.fields, **fields})


def button(page: Page, words: str) -> Form:
    """The form of a webhook's page that does something."""
    (form,) = (each for each in page.forms if each.fields.get("do") == words)
    return form


def make(person: Person, url: str, **fields: str) -> Page:
    form = form_at(person, f"{WEBHOOKS}/new")
    return sent(person, filled(form, url=url, **fields))


def test_a_webhook_is_made_rotated_and_deleted(person: Person, desk: Scene) -> None:
    url = "https://example.com/of-a-page"
    made = make(
        person, url, **{"deal.*": "on", "state": "on", "types": "task.completed"}
    )
    (secret,) = SECRET.findall(made.text)
    listed = opened(person, WEBHOOKS).text
    assert url in listed
    assert secret not in listed
    client: Client = desk.tenant.client()
    (webhook,) = (each for each in client.pages("/webhooks") if each["url"] == url)
    client.close()
    assert webhook["types"] == ["deal.*", "task.completed"]
    assert webhook["include"] == ["state"]
    assert webhook["token_id"] is None

    again = make(person, url, types="deal.won")
    assert "keeps its secret" in again.text
    assert not SECRET.search(again.text)

    at = f"{WEBHOOKS}/{webhook['id']}"
    rotated = sent(person, form_at(person, f"{at}/secret"))
    assert SECRET.findall(rotated.text) not in ([], [secret])

    off = sent(person, button(opened(person, at), "off"))
    assert off.path == f"{at}?done=off"
    assert "Switched off" in off.text
    assert "Switched off" not in sent(person, button(off, "on")).text

    gone = sent(person, form_at(person, f"{at}/delete"))
    assert gone.path == f"{WEBHOOKS}?done=deleted"
    assert url not in gone.text


def test_a_delivery_is_looked_at_and_sent_again(person: Person, desk: Scene) -> None:
    at = delivered(desk.tenant).replace("/webhooks", WEBHOOKS)
    page = opened(person, at)
    for told in ("contact.created", 'bad">given up', "410", "84 ms", "Gone"):
        assert told in page.text
    again = sent(person, button(page, "redeliver"))
    assert again.path == f"{at}?done=redeliver"
    assert "given up" not in again.text.partition("<tbody>")[2]
    replayed = sent(person, button(again, "replay"))
    assert replayed.path == f"{at}?done=replay"


def test_a_webhook_is_changed_and_tried(person: Person, desk: Scene) -> None:
    with closing(desk.tenant.client()) as client:
        made = client.create("/webhooks", body(include=["state"]))
        at = f"{WEBHOOKS}/{made['id']}"
        form = form_at(person, f"{at}/edit")
        assert form.fields["url"] == made["url"]
        wrong = sent(person, filled(form, types="contact.eaten"))
        assert wrong.answer.status == 400
        assert "Give types such as contact.created" in wrong.text
        given = {"types": "deal.won", "description": "Won", "changed": "on"}
        page = sent(person, filled(form, **given))
        assert page.path == f"{at}?done=edit"
        found = client.get(f"/webhooks/{made['id']}").json
        assert set(found["types"]) >= {"deal.won"}
        assert (found["description"], found["url"]) == ("Won", made["url"])
        assert "changed" in found["include"]
        tried = sent(person, button(page, "test"))
        assert "No answer: The " in tried.text


def test_a_webhook_that_fails_says_so(person: Person, desk: Scene) -> None:
    with closing(desk.tenant.client()) as client:
        made = client.create("/webhooks", body())
    sql = "UPDATE webhook_queues SET failing_since = now() WHERE business_id = $1"
    tenant = desk.tenant
    given = sql, tenant.business_id
    administer(tenant.stack.database_url, lambda database: database.run(*given))
    assert "Failing since" in opened(person, WEBHOOKS).text
    assert "Failing</span>" in opened(person, f"{WEBHOOKS}/{made['id']}").text


def test_attempts_before_the_last_one_are_folded(person: Person, desk: Scene) -> None:
    at = delivered(desk.tenant)
    tenant = desk.tenant
    sql = """
    UPDATE deliveries SET attempts = jsonb_build_array(attempts -> 0, attempts -> 0,
      jsonb_set(attempts -> 0 || '{"status": null, "answer": null}', '{error}',
        '"name_not_found"'))
    WHERE business_id = $1 AND webhook_id = $2
    """
    given = sql, tenant.business_id, at.rpartition("/")[2]
    administer(tenant.stack.database_url, lambda database: database.run(*given))
    told = opened(person, at.replace("/webhooks", WEBHOOKS)).text
    last, _, before = told.partition("<summary>2 before</summary>")
    assert "The name of the server was not found" in last.partition("<tbody>")[2]
    assert before.count("<summary>Answer</summary>") == 2


def test_filters_that_an_erasure_changed_are_shown_and_keep_a_webhook_off(
    person: Person, desk: Scene
) -> None:
    email = "grace@pages-of-filters.example"
    one = {"field": "email", "operator": "neq", "value": email}
    with closing(desk.tenant.client()) as client:
        made = client.create("/webhooks", body(filters=[{"any": [one, one]}]))
        at = f"{WEBHOOKS}/{made['id']}"
        told = f"(email neq &#34;{email}&#34; or email neq"
        assert told in opened(person, at).text
        contact = client.create("/contacts", {"email": email})
        erased(client, f"/contacts/{contact['id']}")
        page = opened(person, at)
        assert "email neq &#34;[erased]&#34;" in page.text
        assert not [each for each in page.forms if each.fields.get("do") == "on"]
        assert client.patch(f"/webhooks/{made['id']}", {"filters": []}).status == 200
        assert "Nothing more" not in sent(person, button(opened(person, at), "on")).text
        assert client.get(f"/webhooks/{made['id']}").json["active"] is True


def test_changes_of_a_time_are_sent_again(person: Person, desk: Scene) -> None:
    with closing(desk.tenant.client()) as client:
        made = client.create("/webhooks", body(types=["contact.created"], active=False))
        client.create("/contacts", {"email": "ada@engine.example"})
        at = f"{WEBHOOKS}/{made['id']}"
        form = button(opened(person, at), "replay")
        for wrong in ({"from": "soon"}, {"from": "2100-01-01T00:00"}):
            page = sent(person, filled(form, **wrong))
            assert page.answer.status == 400
            assert "Give " in page.text
        times = {"from": "2026-11-15T00:00", "only": "missing"}
        assert sent(person, filled(form, **times)).path == f"{at}?done=replay"
        (job,) = (e for e in client.pages("/jobs") if e["subject_id"] == made["id"])
        done = client.post(f"/jobs/{job['id']}/wait", {}).json
        assert done["state"] == "succeeded"
        assert done["result"]["changes"] >= 1


def test_faults_stand_beside_the_fields(person: Person) -> None:
    page = make(person, "http://example.com", types="contact.eaten")
    assert page.answer.status == 400
    assert "Give a URL that begins with https://" in page.text
    assert "Give types such as contact.created" in page.text
    assert 'value="contact.eaten"' in page.text


def test_who_may_not_is_refused(desk: Scene) -> None:
    member = user(desk, "member")
    for path in (WEBHOOKS, f"{WEBHOOKS}/new", f"{WEBHOOKS}/whk_{'0' * 24}"):
        page = member.open(path)
        assert isinstance(page, Page)
        assert page.answer.status == 403
