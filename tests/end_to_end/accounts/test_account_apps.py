"""A user's own apps by the pages: registered, given a new secret, deleted."""

import re
import time

import pytest

from tests.harness.people.account import form_at, opened, secrets_in, sent
from tests.harness.people.oauth import CALLBACK
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Form, Page, Person
from tests.harness.people.web_app import WebApp
from tests.world import administer

NEW = "/account/apps/new"


@pytest.fixture
def other(desk: Scene) -> Person:
    """Another owner of the same tenant."""
    email = f"eve{time.monotonic_ns()}@{desk.tenant.name}.example"
    add_user(desk.tenant, email)
    person = Person(desk.tenant.stack.http)
    person.log_in(email)
    return person


def register(person: Person, way: str = "client_secret_basic", **more: str) -> WebApp:
    """Registers an app by the form."""
    given = {"name": "My dialler", "redirect_uris": CALLBACK, "way": way, **more}
    page = sent(person, form_at(person, NEW), **given)
    assert page.answer.status == 200, page.text
    return app_on(person, page, way)


def app_on(person: Person, page: Page, way: str) -> WebApp:
    """The app that a page shows the credentials of."""
    (client_id,) = set(re.findall(r"app_[0-9a-f]{24}", page.text))
    secret = "".join(secrets_in(page))
    assert bool(secret) == (way != "none")
    return WebApp(person.address, client_id, secret, way, "")


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none"])
def test_an_app_is_registered_and_works(person: Person, way: str) -> None:
    app = register(person, way)
    listed = opened(person, "/account/apps").text
    assert app.id in listed
    assert CALLBACK in listed
    tokens = app.tokens(person)
    assert tokens["access_token"].startswith("pca_")
    assert app.refresh(tokens["refresh_token"]).status == 200
    assert app.own("GET").status == 401, "the pages keep it, no registration token"


def test_a_new_secret_ends_the_one_before_and_comes_once(person: Person) -> None:
    app = register(person)
    tokens = app.tokens(person)
    form = form_at(person, f"/account/apps/{app.id}/secret")
    page = sent(person, form)
    rotated = app_on(person, page, app.method)
    assert rotated.secret != app.secret
    assert app.refresh(tokens["refresh_token"]).status == 401
    again = rotated.refresh(tokens["refresh_token"])
    assert again.status == 200, "what users granted stays"
    page = sent(person, form)
    assert (page.answer.status, secrets_in(page)) == (409, set())
    assert rotated.refresh(again.json["refresh_token"]).status == 200


def test_an_app_that_is_deleted_has_no_tokens(desk: Scene, person: Person) -> None:
    app = register(person)
    tokens = app.tokens(person)
    page = sent(person, form_at(person, f"/account/apps/{app.id}/delete"))
    assert page.path == "/account/apps?deleted=1"
    assert app.id not in page.text
    assert desk.dies(tokens["access_token"])
    assert {"app_registered", "app_deleted"} <= set(desk.events())


def test_a_deleted_app_is_not_made_anew_by_its_form_or_its_id(
    desk: Scene, person: Person, other: Person
) -> None:
    """What was granted to the one before would be good again."""
    form, given = form_at(person, NEW), {"name": "Gone", "redirect_uris": CALLBACK}
    app = app_on(person, sent(person, form, **given, way="none"), "none")
    tokens = app.tokens(person)
    sent(person, form_at(person, f"/account/apps/{app.id}/delete"))
    assert desk.dies(tokens["access_token"])
    assert sent(person, form, **given, way="none").answer.status == 409
    taken = register(other, "none", once=app.id.removeprefix("app_"))
    assert taken.id != app.id
    assert app.refresh(tokens["refresh_token"]).status == 401
    assert not desk.lives(tokens["access_token"])


def test_a_page_that_is_loaded_again_registers_nothing(person: Person) -> None:
    form = form_at(person, NEW)
    given = {"name": "Just one", "redirect_uris": CALLBACK}
    assert secrets_in(sent(person, form, **given))
    again = sent(person, form, **given)
    assert (again.answer.status, secrets_in(again)) == (409, set())
    assert again.text.count("Just one") == 1


def test_apps_beyond_those_that_one_may_have_are_seen(desk: Scene) -> None:
    """Forms that come at once can make a few; hidden, they could not be deleted."""
    tenant, email = desk.tenant, f"mo{time.monotonic_ns()}@{desk.tenant.name}.example"
    user_id = add_user(tenant, email)
    sql = (
        "INSERT INTO apps (owner_business_id, owner_id, id, registration_hash,"
        " metadata, created_at) SELECT $1, $2, 'app_' || lpad(n || $3, 24, '0'), '',"
        """ '{"client_name": "One of many"}', now() FROM generate_series(1, 55) AS n"""
    )
    values = tenant.business_id, user_id, str(time.monotonic_ns())
    administer(tenant.stack.database_url, lambda db: db.run(sql, *values))
    person = Person(tenant.stack.http)
    person.log_in(email)
    assert opened(person, "/account/apps").text.count("One of many") == 55
    given = {"name": "One more", "redirect_uris": CALLBACK}
    assert sent(person, form_at(person, NEW), **given).answer.status == 400


def test_apps_of_others_cannot_be_touched(person: Person, other: Person) -> None:
    app = register(person)
    rotating = form_at(person, f"/account/apps/{app.id}/secret")
    own = form_at(other, NEW).fields["form_token"]
    assert app.id not in opened(other, "/account/apps").text
    for what in ("secret", "delete"):
        path = f"/account/apps/{app.id}/{what}"
        assert opened(other, path).answer.status == 404
        assert sent(other, Form(path, {"form_token": own})).answer.status == 404
        page = sent(other, Form(path, rotating.fields))
        assert page.answer.status in (403, 404)
    tokens = app.tokens(person)
    assert tokens["access_token"], "its secret is as it was"


@pytest.mark.parametrize(
    ("uris", "words"),
    [
        ("http://app.example/x", "https"),
        ("https://app.example/#x", "redirect_uris"),
        ("javascript:alert(1)", ""),
        ("\n".join(f"https://app.example/{n}" for n in range(21)), "1 to 20"),
        (" ", "1 to 20"),
    ],
)
def test_what_registration_refuses_the_form_does_too(
    person: Person, uris: str, words: str
) -> None:
    given = {"name": "Refused", "redirect_uris": uris}
    page = sent(person, form_at(person, NEW), **given)
    assert page.answer.status == 400
    assert words in page.text
    assert "Refused" not in opened(person, "/account/apps").text


def test_a_name_that_turns_the_text_around_is_refused(person: Person) -> None:
    given = {"name": "evil\u202egnp", "redirect_uris": CALLBACK}
    page = sent(person, form_at(person, NEW), **given)
    assert page.answer.status == 400
    assert "cannot be seen" in page.text


def test_a_public_app_has_no_secret_to_renew(person: Person) -> None:
    app = register(person, "none")
    assert f"/account/apps/{app.id}/secret" not in opened(person, "/account/apps").text
    form = form_at(person, f"/account/apps/{app.id}/delete")
    path = f"/account/apps/{app.id}/secret"
    assert sent(person, Form(path, form.fields)).answer.status == 404
