"""ETags: what a client has it need not read again, and cannot overwrite unseen."""

from collections.abc import Callable

import pytest

from tests.client import Answer, Client
from tests.end_to_end.http.problem_checks import check_problem
from tests.world import Tenant

ADA = {"email": "ada@example.com", "tags": ["VIP"]}

# Everything that changes a contact, given its path and more headers.
Write = Callable[..., Answer]
WRITES: dict[str, Callable[[Client], Write]] = {
    "patch": lambda owner: (
        lambda path, **headers: owner.patch(path, {"city": "Rome"}, **headers)
    ),
    "add tag": lambda owner: (
        lambda path, **headers: owner.post(f"{path}/tags", {"tags": ["new"]}, **headers)
    ),
    "remove tag": lambda owner: (
        lambda path, **headers: owner.delete(f"{path}/tags/vip", **headers)
    ),
    "delete": lambda owner: owner.delete,
}


@pytest.fixture
def path(owner: Client) -> str:
    """The path of a new contact."""
    return f"/contacts/{owner.create('/contacts', ADA)['id']}"


@pytest.fixture(params=WRITES)
def write(request: pytest.FixtureRequest, owner: Client) -> Write:
    """Each way to change a contact."""
    return WRITES[request.param](owner)


def test_every_single_contact_comes_with_its_etag(owner: Client) -> None:
    created = owner.post("/contacts", ADA)
    path = f"/contacts/{created.json['id']}"
    answers = [
        created,
        owner.get(path),
        owner.patch(path, {"city": "Rome"}),
        owner.post(f"{path}/tags", {"tags": ["new"]}),
        owner.delete(f"{path}/tags/new"),
    ]
    for answer in answers:
        assert answer.headers["etag"][0] == answer.headers["etag"][-1] == '"'
    etags = [answer.headers["etag"] for answer in answers]
    assert etags[0] == etags[1]
    assert len(set(etags)) == 4


def test_an_etag_is_of_one_contact_alone_and_lists_have_none(
    owner: Client, tenant: Tenant
) -> None:
    assert "etag" in owner.get(f"/users/{tenant.users['owner']}").headers
    for answer in (owner.post("/contacts/search", {}), owner.get("/me")):
        assert "etag" not in answer.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', '{}, "x"', "*"])
def test_what_the_client_has_is_not_sent_again(
    owner: Client, path: str, form: str
) -> None:
    etag = owner.get(path).headers["etag"]
    answer = owner.get(path, if_none_match=form.format(etag))
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == etag


def test_what_has_changed_is_sent_again(owner: Client, path: str) -> None:
    etag = owner.get(path).headers["etag"]
    owner.patch(path, {"city": "Rome"})
    assert owner.get(path, if_none_match=etag).status == 200
    for other in ('"0"', "1", "", 'W/"0"'):
        assert owner.get(path, if_none_match=other).status == 200


def test_a_stale_etag_stops_every_change(
    owner: Client, path: str, write: Write
) -> None:
    stale = owner.get(path).headers["etag"]
    before = owner.patch(path, {"source": "fair"})
    for etag in (stale, '"0"', f"W/{before.headers['etag']}", "nonsense"):
        answer = write(path, if_match=etag)
        check_problem(answer, 412, "precondition-failed")
    after = owner.get(path)
    assert after.body == before.body
    assert after.headers["etag"] == before.headers["etag"]


@pytest.mark.parametrize("form", ["{}", '"0", {}', "*"])
def test_the_current_etag_lets_a_change_through(
    owner: Client, path: str, write: Write, form: str
) -> None:
    etag = owner.get(path).headers["etag"]
    assert write(path, if_match=form.format(etag)).status in (200, 204)


def test_a_change_of_nothing_still_needs_its_etag(owner: Client, path: str) -> None:
    assert owner.patch(path, {}, if_match='"0"').status == 412
    assert owner.post(f"{path}/tags", {"tags": ["VIP"]}, if_match='"0"').status == 412
    assert owner.delete(f"{path}/tags/none", if_match='"0"').status == 412


def test_a_read_keeps_to_its_if_match_too(owner: Client, path: str) -> None:
    etag = owner.get(path).headers["etag"]
    assert owner.get(path, if_match=etag).status == 200
    check_problem(owner.get(path, if_match='"0"'), 412, "precondition-failed")


def test_an_etag_comes_back_after_nobody(owner: Client, path: str) -> None:
    """A value that returns is another state: the etag does not return with it."""
    first = owner.get(path).headers["etag"]
    owner.patch(path, {"city": "Rome"})
    owner.patch(path, {"city": None})
    assert owner.get(path).headers["etag"] != first
    assert owner.patch(path, {"city": "Oslo"}, if_match=first).status == 412
