"""Calendars: who knows the address reads the meetings, as long as it holds."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from services.iam import tenants, tokens
from tests.client import Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scheduling.booked import NINE, a_type, act, asked, moved, shared
from tests.harness.at_once import at_once
from tests.harness.people.oauth_scene import Scene
from tests.harness.promptly import within
from tests.world import Tenant, administer

PATH = "/users/me/calendar"
SHOWN = ["booking.read", "contact.read", "meeting_type.read"]


def address(client: Client) -> str:
    """A new address of the client's user, without the server's part."""
    answer = client.post(PATH, {})
    assert answer.status == 200, answer.body
    url = urlsplit(answer.json["url"])
    assert (url.scheme, url.netloc) == ("http", client.address)
    return str(url.path)


def read(client: Client, path: str, **headers: str) -> Answer:
    """What a calendar program is answered, which has no token."""
    return client.raw("GET", path, None, headers)


def events(client: Client, path: str) -> list[Any]:
    """The meetings of a calendar, as another program reads them."""
    answer = read(client, path)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.body).walk("VEVENT"))


def holds(client: Client, path: str) -> bool:
    answer = read(client, path)
    assert answer.status in (200, 404), answer.body
    return answer.status == 200


def test_a_booking_is_the_same_event_for_as_long_as_it_lives(owner: Client) -> None:
    kind = a_type(owner, requires_confirmation=True)
    path = address(owner)
    assert events(owner, path) == []
    place = {"kind": "address", "value": "1 Rue de l'Église; Köln, left door"}
    made = owner.create("/bookings", asked(kind, location=place))
    (event,) = events(owner, path)
    assert event["UID"].startswith(f"{made['id']}@biz_")
    assert (event["STATUS"], event["LOCATION"]) == ("TENTATIVE", place["value"])
    assert event["SUMMARY"] == "First call: Ada King Lovelace"
    assert "ada@example.com" in event["DESCRIPTION"]
    assert (event.start, event.end) == (NINE, NINE + timedelta(minutes=30))

    act(owner, made, "confirm")
    (confirmed,) = events(owner, path)
    assert moved(owner, made, NINE + timedelta(hours=1)).status == 200
    (later,) = events(owner, path)
    assert confirmed["STATUS"] == later["STATUS"] == "CONFIRMED"
    assert later.start == NINE + timedelta(hours=1)
    assert event["UID"] == confirmed["UID"] == later["UID"]
    assert event["SEQUENCE"] < confirmed["SEQUENCE"] < later["SEQUENCE"]
    act(owner, made, "cancel", cancel_reason="Ill")
    assert events(owner, path) == []


def test_what_has_not_changed_is_not_sent_again(owner: Client) -> None:
    kind, path = a_type(owner), address(owner)
    owner.create("/bookings", asked(kind))
    first = read(owner, path)
    tag = first.headers["etag"]
    assert read(owner, path, **{"If-None-Match": tag}).status == 304
    owner.create("/bookings", asked(kind, NINE + timedelta(hours=1)))
    assert read(owner, path, **{"If-None-Match": tag}).status == 200
    for name, value in (("cache-control", "private, no-cache"),):
        assert first.headers[name] == value


def test_a_new_address_ends_the_old_one_and_is_told_once(owner: Client) -> None:
    assert owner.get(PATH).status == 404
    assert owner.delete(PATH).status == 404
    first = address(owner)
    second = address(owner)
    assert (holds(owner, first), holds(owner, second)) == (False, True)
    told = owner.get(PATH).json
    assert "url" not in told
    assert datetime.fromisoformat(told["created_at"]).year > 2000
    dry = owner.post(PATH, {}, Dry_Run="true")
    assert dry.status == 200
    assert not within(1, lambda: holds(owner, urlsplit(dry.json["url"]).path))
    assert holds(owner, second)
    assert owner.delete(PATH).status == 204
    assert within(1, lambda: not holds(owner, second))
    assert owner.get(PATH).status == 404
    told = owner.search("/audit", limit=10)["data"]
    names = [each["event"] for each in told if each["event"].startswith("calendar_")]
    assert names[:4] == ["calendar_deleted", "calendar_created"] * 2


def test_of_many_new_addresses_at_once_one_holds(
    tenant: Tenant, open_client: OpenClient
) -> None:
    clients = [open_client(tenant.tokens["owner"]) for _ in range(12)]
    made = at_once(address, clients)
    assert sum(holds(clients[0], each) for each in made) == 1


def test_the_secret_is_for_the_calendar_alone(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    path = address(owner)
    secret = path.removeprefix("/calendars/").removesuffix(".ics")
    assert open_client(secret).get("/me").status == 401
    for kind in ("Bearer", "Session", "Calendar"):
        headers = {"Authorization": f"{kind} {secret}", "Version": "2026-11-01"}
        assert owner.raw("GET", "/v1/me", None, headers).status == 401
    token = tenant.tokens["owner"]
    wrong = (
        f"/calendars/{token}.ics",
        f"/calendars/{secret}",
        f"/calendars/{secret[:-1]}.ics",
        f"/calendars/{secret[::-1]}.ics",
        f"/calendars/{secret}.ics.ics",
        f"/calendars/{secret}%00.ics",
        f"/calendars/{'x' * 5_000}.ics",
        "/calendars/.ics",
        "/calendars/%F0%9F%98%80.ics",
    )
    found = {each: read(owner, each).status for each in wrong}
    assert set(found.values()) == {404}, found


def test_it_shows_what_its_token_may_read(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    kind = a_type(owner)
    owner.create("/bookings", asked(kind))
    seen = []
    for scopes in (SHOWN, SHOWN[:2], SHOWN[::2], SHOWN[:1]):
        client = open_client(tenant.token(scopes))
        (event,) = events(owner, address(client))
        seen.append((str(event["SUMMARY"]), "ada" in event["DESCRIPTION"]))
    assert seen == [
        ("First call: Ada King Lovelace", True),
        ("Meeting: Ada King Lovelace", True),
        ("First call", False),
        ("Meeting", False),
    ]
    refused = open_client(tenant.token(SHOWN[1:]))
    assert [refused.post(PATH, {}).status, refused.delete(PATH).status] == [403, 403]
    assert refused.get(PATH).status == 403


def test_everybody_has_their_own_meetings(
    tenant: Tenant, owner: Client, member: Client, stranger: Client
) -> None:
    users = [tenant.users[role] for role in ("owner", "member")]
    kind = shared(owner, users, "round_robin")
    for _ in users:
        owner.create("/bookings", asked(kind))
    both = shared(owner, users, "collective", slug="both")
    owner.create("/bookings", asked(both, NINE + timedelta(hours=1)))
    paths = [address(each) for each in (owner, member, stranger)]
    counts = [len(events(owner, path)) for path in paths]
    assert counts == [2, 2, 0]
    own = {str(each["UID"]) for path in paths[:2] for each in events(owner, path)}
    assert len(own) == 3


@pytest.mark.parametrize("way", ["token", "user"])
def test_it_ends_with_the_token_that_made_it_and_with_the_user(
    tenant: Tenant, owner: Client, open_client: OpenClient, way: str
) -> None:
    token = tenant.token(SHOWN, role="member")
    path, url = address(open_client(token)), tenant.stack.database_url
    assert holds(owner, path)
    if way == "token":
        administer(url, lambda database: tokens.revoke_token(database, token))
    else:
        its = tenant.name, tenant.email("member")
        administer(url, lambda database: tenants.deactivate_user(database, *its))
    assert within(1, lambda: not holds(owner, path))


def test_it_ends_when_its_token_expires(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    token = tenant.token(SHOWN, expires_in=timedelta(hours=1))
    answer = open_client(token).post(PATH, {})
    ends = datetime.fromisoformat(answer.json["expires_at"])
    assert timedelta(0) < ends - datetime.now(ends.tzinfo) <= timedelta(hours=1)


def test_an_apps_address_outlives_its_tokens_and_ends_with_its_access(
    stage: Scene,
) -> None:
    app = stage.oauth.register()
    granted = stage.oauth.grant(app, stage.session, scope=" ".join(SHOWN))
    had = stage.oauth.exchange(app, granted)
    client = stage.tenant.client(token=had.access_token)
    path = address(client)
    assert client.get(PATH).json["expires_at"] is None
    stage.oauth.revoke(app, had.access_token)
    assert holds(client, path)
    stage.oauth.revoke(app, had.refresh_token)
    assert within(1, lambda: not holds(client, path))
    client.close()
