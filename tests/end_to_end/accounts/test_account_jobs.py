"""Jobs on definitions by the pages: begun, told, cancelled, and how they ended."""

import time
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.accounts.seen import user
from tests.end_to_end.schema.by_jobs.many import HELD, PLENTY, load_custom
from tests.harness.database.row_lock import held, until
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Page, Person

_HOLD = "SELECT 1 FROM records WHERE business_id = $1 AND id = $2 FOR UPDATE"


@pytest.fixture
def slug(client: Client) -> str:
    """A new custom object."""
    slug = f"o{time.monotonic_ns()}"
    client.create(
        "/objects", {"slug": slug, "singular_label": "A", "plural_label": "B"}
    )
    return slug


def defined(person: Person, home: str, **filled: str) -> Page:
    """Sends the form that defines the field `it` as whole numbers."""
    form = form_at(person, f"{home}/new?type=integer")
    return sent(person, form, key="it", label="Seats", **filled)


def test_a_job_is_told_cancelled_and_told_again(
    desk: Scene, client: Client, person: Person, slug: str
) -> None:
    home = f"/account/schema/{slug}"
    ids = load_custom(desk.tenant, slug, lambda place: f"{place}", PLENTY)
    database, tenant = desk.tenant.stack.database_url, desk.tenant.business_id
    with held(database, _HOLD, tenant, ids[HELD]) as lock:
        page = defined(person, home, existing="convert")
        assert page.path == f"{home}?done=by_job"
        assert "The field is defined" not in page.text
        assert "a job checks" in page.text
        row = page.text.partition("<code>it</code>")[2].partition("</tr>")[0]
        assert "not counted" in row, "not all values are kept yet"
        until(lock.waiting)
        (job,) = client.search("/jobs", filters=[_running()])["data"]
        its = opened(person, f"{home}/fields/{job['subject_id']}")
        assert "disabled" in its.text
        assert "Save" not in its.text
        assert "Archive this field" not in its.text
        assert "<progress" in its.text
        stranger = user(desk, "manager")
        theirs = opened(stranger, home)
        assert job["id"] not in theirs.text, "seen by who began it, and by admins"
        cancel = next(e for e in its.forms if e.fields.get("cancel") == job["id"])
        cancel.fields["form_token"] = theirs.forms[0].fields["form_token"]
        assert sent(stranger, cancel).answer.status == 404
        lock.release()
        cancel = next(e for e in page.forms if e.fields.get("cancel") == job["id"])
        assert sent(person, cancel).path == f"{home}?done=cancelled"
    until(lambda: "cancelled</span>" in opened(person, home).text, 60)


def _running() -> dict[str, Any]:
    return {"field": "state", "operator": "eq", "value": "running"}


def test_a_job_that_failed_says_why(
    desk: Scene, person: Person, client: Client, slug: str
) -> None:
    home = f"/account/schema/{slug}"
    load_custom(
        desk.tenant, slug, lambda n: "x" if n % 1_000 else f"{n}", number=PLENTY
    )
    assert defined(person, home).path == f"{home}?done=by_job"
    until(lambda: "failed</span>" in opened(person, home).text, 60)
    text = opened(person, home).text
    assert "Records hold values of it that do not fit the definition." in text
    assert "10,200 of 10,200 values do not fit" in text


def test_one_value_takes_the_place_of_all_that_do_not_fit(
    desk: Scene, person: Person, client: Client, slug: str
) -> None:
    field = client.create(
        "/fields", {"object": slug, "key": "it", "type": "text", "label": "Seats"}
    )
    path = f"/account/schema/{slug}/fields/{field['id']}/type"
    ids = [
        client.create(f"/objects/{slug}/records", body)["id"]
        for body in (
            {"name": "A", "custom_fields": {"it": f"v{number}"}} for number in range(12)
        )
    ]
    looked = sent(person, form_at(person, path), to="integer")
    given = {"on_conflict": "map", "step": "change", "to.1": "1"}
    form = looked.forms[-1]
    refused = sent(person, form, **given, others="1_0")
    assert refused.answer.status == 400
    assert 'id="fault-others"' in refused.text
    assert sent(person, form, **given, others="0").path.endswith("done=changed")
    values = [
        client.get(f"/objects/{slug}/records/{each}").json["custom_fields"]["it"]
        for each in ids
    ]
    assert sorted(values) == [0] * 11 + [1]


@pytest.mark.parametrize(
    "text", ["1_0", "\u0661\u0662", "nan", "inf", "9007199254740993", "1e999", "0x1"]
)
def test_a_number_is_taken_as_the_api_takes_it(
    person: Person, client: Client, slug: str, text: str
) -> None:
    field = client.create(
        "/fields", {"object": slug, "key": "it", "type": "text", "label": "Seats"}
    )
    body = {"name": "A", "custom_fields": {"it": "five"}}
    made = client.create(f"/objects/{slug}/records", body)
    path = f"/account/schema/{slug}/fields/{field['id']}/type"
    looked = sent(person, form_at(person, path), to="integer")
    given = {"on_conflict": "map", "step": "change", "to.1": text}
    refused = sent(person, looked.forms[-1], **given)
    assert refused.answer.status == 400
    assert 'href="#to.1"' in refused.text
    assert 'id="fault-to.1"' in refused.text
    after = client.get(f"/objects/{slug}/records/{made['id']}").json
    assert after["custom_fields"] == {"it": "five"}
