"""A cursor opens for the search that it was made for, and for no other."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.world import Tenant

QUERY: dict[str, Any] = {
    "filters": [{"field": "email", "operator": "contains", "value": "example"}],
    "search_text": "example",
    "order_by": "name",
    "sort_direction": "asc",
}


@pytest.fixture
def cursor(owner: Client) -> str:
    """The cursor after the first of three pages of QUERY."""
    for number in range(6):
        owner.create("/contacts", {"email": f"c{number}@example.com"})
    return _next(owner.search("/contacts", **QUERY, limit=2))


def _next(page: Any) -> str:
    assert page["meta"]["cursor"]["has_more"] is True
    return str(page["meta"]["cursor"]["next"])


def check_refused(answer: Answer) -> None:
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (
        400,
        "bad-request",
    )
    assert "cursor" in answer.json["detail"]


def test_a_cursor_goes_on_where_its_page_ended(owner: Client, cursor: str) -> None:
    page = owner.search("/contacts", **QUERY, limit=2, cursor=cursor)
    assert [each["name"] for each in page["data"]] == [
        "c2@example.com",
        "c3@example.com",
    ]


def test_a_cursor_may_be_used_again(owner: Client, cursor: str) -> None:
    pages = [owner.search("/contacts", **QUERY, cursor=cursor) for _ in range(2)]
    assert pages[0] == pages[1]


def test_limit_and_total_may_change_on_the_way(owner: Client, cursor: str) -> None:
    body = {**QUERY, "limit": 3, "include_total": True, "cursor": cursor}
    page = owner.search("/contacts", **body)
    assert len(page["data"]) == 3
    assert page["meta"]["total"] == 6
    last = owner.search("/contacts", **QUERY, limit=50, cursor=_next(page))
    assert len(last["data"]) == 1
    assert "total" not in last["meta"]


def _flip(at: int) -> Callable[[str], str]:
    def forge(cursor: str) -> str:
        sealed = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        sealed[at] ^= 1
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    return forge


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(_flip(2), id="another position"),
        pytest.param(_flip(-1), id="another seal"),
        pytest.param(lambda cursor: cursor[:-1], id="a character short"),
        pytest.param(lambda cursor: cursor[1:], id="its head cut off"),
        pytest.param(lambda cursor: cursor[:4], id="its head alone"),
        pytest.param(lambda cursor: cursor + "AAAA", id="more than it was"),
        pytest.param(lambda cursor: cursor + cursor, id="twice"),
        pytest.param(lambda cursor: cursor + "!", id="a foreign character"),
        pytest.param(lambda cursor: cursor + "!!!!", id="foreign characters"),
        pytest.param(lambda cursor: cursor + "====", id="padding"),
        pytest.param(lambda cursor: cursor + "é", id="not ASCII"),
        pytest.param(lambda cursor: " " + cursor, id="after a blank"),
        pytest.param(lambda cursor: cursor + "\n", id="before the end of a line"),
        pytest.param(lambda _: " ", id="a blank"),
        pytest.param(lambda _: "\t \r\n", id="white space"),
        pytest.param(lambda _: "\u3000", id="white space that is not ASCII"),
        pytest.param(lambda _: "x", id="one letter"),
        pytest.param(lambda _: "eyJpZCI6MX0", id="made up"),
        pytest.param(lambda _: "A" * 5_000, id="a long one"),
    ],
)
def test_a_forged_cursor_is_refused(
    owner: Client, cursor: str, forge: Callable[[str], str]
) -> None:
    body = {**QUERY, "cursor": forge(cursor)}
    check_refused(owner.post("/contacts/search", body))


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=str)
def test_no_search_takes_blanks_for_the_first_page(
    owner: Client, resource: Resource
) -> None:
    Maker(owner, {}).prepare(resource)
    check_refused(owner.post(f"{resource.path}/search", {"cursor": " "}))
    first = owner.search(resource.path)
    for nothing in ("", None):
        assert owner.search(resource.path, cursor=nothing) == first


@pytest.mark.parametrize(
    "change",
    [
        {"filters": []},
        {"filters": [*QUERY["filters"], *QUERY["filters"]]},
        {"filters": [{"field": "email", "operator": "contains", "value": "exampl"}]},
        {"filters": [{"not": QUERY["filters"][0]}]},
        {"search_text": "c"},
        {"search_text": None},
        {"order_by": "created_at"},
        {"order_by": None},
        {"sort_direction": "desc"},
        {"sort_direction": None},
    ],
)
def test_a_cursor_is_bound_to_its_query(
    owner: Client, cursor: str, change: dict[str, Any]
) -> None:
    body = {**QUERY, **change, "cursor": cursor}
    body = {name: value for name, value in body.items() if value is not None}
    check_refused(owner.post("/contacts/search", body))


def test_a_cursor_is_bound_to_its_user(
    tenant: Tenant, open_client: Callable[..., Client], cursor: str
) -> None:
    for role in ("admin", "viewer"):
        client = open_client(tenant.tokens[role])
        check_refused(client.post("/contacts/search", {**QUERY, "cursor": cursor}))


def test_a_cursor_is_bound_to_its_tenant(stranger: Client, cursor: str) -> None:
    for number in range(6):
        stranger.create("/contacts", {"email": f"c{number}@example.com"})
    check_refused(stranger.post("/contacts/search", {**QUERY, "cursor": cursor}))


def test_another_token_of_the_user_may_go_on(
    tenant: Tenant, open_client: Callable[..., Client], cursor: str
) -> None:
    client = open_client(tenant.token(["contact.read"]))
    assert len(client.search("/contacts", **QUERY, cursor=cursor)["data"]) == 4


def test_a_cursor_is_bound_to_its_resource(owner: Client, cursor: str) -> None:
    plain = {"order_by": "name"}
    ours = _next(owner.search("/contacts", **plain, limit=2))
    theirs = _next(owner.search("/users", **plain, limit=2))
    check_refused(owner.post("/users/search", {**plain, "cursor": ours}))
    check_refused(owner.post("/contacts/search", {**plain, "cursor": theirs}))
    check_refused(owner.post("/users/search", {"cursor": cursor}))
