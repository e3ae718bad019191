"""Who reads a mail of a topic ends it by the mail's link, without a token."""

import secrets
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.consent.agreeing import reason, say, suppress, topic
from tests.end_to_end.consent.mailed import (
    MULTIPART,
    ONE_CLICK,
    ONE_CLICK_PART,
    click,
    look,
    mailed,
)
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.merging.merged import merge
from tests.harness.at_once import at_once, crowd
from tests.world import Tenant

ALL = b"end=all"


def person(client: Client, **others: Any) -> tuple[str, str]:
    """A new contact with an address that nobody else has."""
    address = f"{secrets.token_hex(6)}@mailed.example"
    made = client.create("/contacts", {"email": address, **others})
    return made["id"], address


def consents(client: Client, contact: str) -> list[Any]:
    """What a contact has said, the newest first."""
    filters = [{"field": "contact_id", "operator": "eq", "value": contact}]
    found: list[Any] = client.post("/consents/search", {"filters": filters}).json[
        "data"
    ]
    return found


def suppressions(client: Client, address: str) -> list[Any]:
    filters = [{"field": "address", "operator": "eq", "value": address}]
    found: list[Any] = client.post("/suppressions/search", {"filters": filters}).json[
        "data"
    ]
    return found


def test_one_click_ends_the_topic_at_once(owner: Client, tenant: Tenant) -> None:
    about, other = topic(owner), topic(owner, "Offers", requires="legitimate_interest")
    ada, address = person(owner)
    say(owner, ada, about)
    path = mailed(tenant, ada, about, address)
    answer = click(owner, path)
    assert answer.status == 200, answer.body
    assert not answer.cookies
    assert not {"location", "set-cookie"} & answer.headers.keys()
    assert answer.headers["cache-control"] == "no-store"
    assert reason(owner, about, ada) == "denied"
    assert reason(owner, other, ada) is None
    newest, _ = consents(owner, ada)
    assert (newest["status"], newest["source"]) == ("denied", "link")
    assert newest["created_by"] is None
    assert not suppressions(owner, address)


def test_it_takes_either_kind_of_form(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    say(owner, ada, about)
    path = mailed(tenant, ada, about, address)
    answer = owner.raw("POST", path, ONE_CLICK_PART, MULTIPART)
    assert answer.status == 200, answer.body
    assert reason(owner, about, ada) == "denied"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}]
)
def test_who_only_looks_changes_nothing(
    owner: Client, tenant: Tenant, method: str, headers: dict[str, str]
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    say(owner, ada, about)
    path = mailed(tenant, ada, about, address)
    for target in (path, f"{path}?List-Unsubscribe=One-Click&end=all"):
        answer = owner.raw(method, target, None, headers)
        assert answer.status == 200, answer.body
        assert not answer.cookies
    assert reason(owner, about, ada) is None
    assert len(consents(owner, ada)) == 1
    assert not suppressions(owner, address)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_other_method_does_anything(
    owner: Client, tenant: Tenant, method: str
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    say(owner, ada, about)
    path = mailed(tenant, ada, about, address)
    assert owner.raw(method, path, ONE_CLICK, {}).status == 405
    assert reason(owner, about, ada) is None


def test_the_page_shows_what_the_address_gets(owner: Client, tenant: Tenant) -> None:
    news = topic(owner, "News <b>bold</b>", description="Once a month.")
    topic(owner, "Secret plans")
    gets = topic(owner, "Service", requires="legitimate_interest")
    refused = topic(owner, "Events")
    ada, address = person(owner)
    say(owner, ada, news)
    say(owner, ada, refused, "denied")
    told = look(owner, mailed(tenant, ada, news, address)).body.decode()
    assert "News &lt;b&gt;bold&lt;/b&gt;" in told
    assert "Once a month." in told
    assert told.index("News") < told.index("Events") < told.index("Service")
    assert f'value="{news}"' in told
    assert f'value="{gets}"' in told
    assert f'value="{refused}"' not in told  # it has ended
    assert "Secret plans" not in told  # it is nothing that Ada knows of
    assert address not in told
    assert f"{address[0]}…@mailed.example" in told


def test_a_form_ends_one_topic_or_all_mail(owner: Client, tenant: Tenant) -> None:
    about, other = topic(owner), topic(owner, "Offers")
    ada, address = person(owner)
    for each in (about, other):
        say(owner, ada, each)
    path = mailed(tenant, ada, about, address)
    assert (
        "about <strong>Offers</strong>"
        in click(owner, path, b"topic=" + other.encode()).body.decode()
    )
    assert reason(owner, other, ada) == "denied"
    assert reason(owner, about, ada) is None
    assert "no more mail" in click(owner, path, ALL).body.decode()
    assert reason(owner, about, ada) == "suppressed"
    (made,) = suppressions(owner, address)
    assert (made["reason"], made["created_by"]) == ("unsubscribed", None)
    for _ in range(2):  # it stays so, whatever is pressed
        assert click(owner, path, ALL).status == 200
    assert len(suppressions(owner, address)) == 1
    assert b"Stop" not in look(owner, path).body.replace(b"stopped", b"")


def test_an_address_that_is_suppressed_stays_as_it_is(
    owner: Client, tenant: Tenant
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    suppress(owner, address.upper(), reason="bounced")
    assert click(owner, mailed(tenant, ada, about, address), ALL).status == 200
    (kept,) = suppressions(owner, address)
    assert kept["reason"] == "bounced"


def test_everybody_with_the_address_is_meant(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    bob = owner.create("/contacts", {"email": address.upper()})["id"]
    eve, _ = person(owner)
    for each in (ada, bob, eve):
        say(owner, each, about)
    assert click(owner, mailed(tenant, ada, about, address)).status == 200
    said = [reason(owner, about, each) for each in (ada, bob, eve)]
    assert said == ["denied", "denied", None]


def test_a_merged_contact_is_its_survivor(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    bob, _ = person(owner)
    for each in (ada, bob):
        say(owner, each, about)
    merge(owner, bob, ada)
    assert click(owner, mailed(tenant, ada, about, address)).status == 200
    assert reason(owner, about, bob) == "denied"


def test_without_a_contact_the_address_is_suppressed(
    owner: Client, tenant: Tenant
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    say(owner, ada, about)
    assert owner.delete(f"/contacts/{ada}").status == 204
    assert click(owner, mailed(tenant, ada, about, address)).status == 200
    assert owner.post(f"/contacts/{ada}/restore", {}).status == 200
    assert reason(owner, about, ada) == "suppressed"


@pytest.mark.parametrize("body", [ONE_CLICK, ALL])
def test_after_an_erasure_nothing_new_is_known(
    owner: Client, tenant: Tenant, body: bytes
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    path = mailed(tenant, ada, about, address)
    erased(owner, f"/contacts/{ada}")
    for _ in range(2):
        assert click(owner, path, body).status == 200
    assert not suppressions(owner, address)
    again = owner.create("/contacts", {"email": address})["id"]
    say(owner, again, about)
    assert reason(owner, about, again) == "suppressed"
    (hidden,) = suppressions(owner, "[erased]")
    assert hidden["reason"] == "unsubscribed"
    told = owner.post(f"/suppressions/{hidden['id']}/history", {}).body
    assert address.encode() not in told


def test_a_topic_that_is_no_more_has_ended(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    path = mailed(tenant, ada, about, address)
    assert owner.delete(f"/topics/{about}").status == 204
    assert click(owner, path).status == 200
    assert look(owner, path).status == 200
    assert not consents(owner, ada)
    assert click(owner, path, b"topic=top_x").status == 200


def test_it_is_told_as_any_other_change(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    click(owner, mailed(tenant, ada, about, address))
    (made,) = consents(owner, ada)
    (first, *_) = owner.post(f"/consents/{made['id']}/history", {}).json["data"]
    assert first["user_id"] is None


def test_twenty_at_once_are_one(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    bob = owner.create("/contacts", {"email": address})["id"]
    for each in (ada, bob):
        say(owner, each, about)
    paths = [mailed(tenant, each, about, address) for each in (ada, bob)]
    with crowd(tenant, 20) as clients:

        def press(place: int) -> int:
            body = (ONE_CLICK, ALL)[place // 10]
            return click(clients[place], paths[place % 2], body).status

        assert set(at_once(press, range(20))) == {200}
    for each in (ada, bob):
        assert [e["status"] for e in consents(owner, each)] == ["denied", "granted"]
    assert len(suppressions(owner, address)) == 1


def test_twenty_at_once_without_a_contact_are_one(
    owner: Client, tenant: Tenant
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    path = mailed(tenant, ada, about, address)
    erased(owner, f"/contacts/{ada}")
    before = len(suppressions(owner, "[erased]"))
    with crowd(tenant, 20) as clients:
        assert set(at_once(lambda each: click(each, path).status, clients)) == {200}
    assert len(suppressions(owner, "[erased]")) == before + 1
