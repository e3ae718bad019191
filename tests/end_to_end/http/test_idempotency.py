"""Idempotency keys: a request that is sent again is answered again and done once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.people.oauth_scene import Scene
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant, administer

ADA = {"email": "ada@example.com"}
BODY = {
    "first_name": "Ada",
    "email": "ada@example.com",
    "lead_score": 5,
    "tags": ["a", "b"],
    "custom_fields": {"b": 1, "a": ["x"]},
}

# What it takes to call each keyed operation: its path and a body that it takes.
CREATE = ("/contacts", BODY)
UPSERT = ("/contacts/upsert", BODY)
ADD_TAGS = ("/contacts/{}/tags", {"tags": ["new", "other"]})
ADD_NOTHING = ("/contacts/{}/tags", {"tags": ["VIP"]})
keyed = pytest.mark.parametrize(
    ("path", "body"),
    [CREATE, UPSERT, ADD_TAGS, ADD_NOTHING],
    ids=["create", "upsert", "add tags", "add nothing"],
)


@pytest.fixture
def contact(owner: Client) -> str:
    """The id of a contact with a tag."""
    given = {"phone": "123", "tags": ["VIP"]}
    return str(owner.create("/contacts", given)["id"])


def check_replay(first: Answer, again: Answer) -> None:
    """Holds an answer to be the first one again, byte for byte."""
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, again.body) == (first.status, first.body)
    for name in ("etag", "location", "content-type"):
        assert again.headers.get(name) == first.headers.get(name)


def total(client: Client) -> int:
    return len(client.pages("/contacts"))


@keyed
def test_a_replay_gives_the_first_answer_byte_for_byte(
    owner: Client, contact: str, path: str, body: Any
) -> None:
    path = path.format(contact)
    first = owner.post(path, body, idempotency_key="k")
    assert first.status in (200, 201)
    records = total(owner)
    for version in ("2026-11-01", "2026-06-01", "2026-09-09"):
        again = owner.post(path, body, idempotency_key="k", version=version)
        check_replay(first, again)
    assert total(owner) == records


@keyed
def test_spacing_and_the_order_of_keys_do_not_matter(
    owner: Client, contact: str, path: str, body: Any
) -> None:
    path = path.format(contact)
    first = owner.post(path, body, idempotency_key="k")
    check_replay(first, owner.post(path, _rewritten(body), idempotency_key="k"))


def _rewritten(value: Any) -> bytes:
    """The same JSON value in other words: keys turned round, space between all."""
    if isinstance(value, dict):
        items = [b'"%b" : %b' % (k.encode(), _rewritten(value[k])) for k in value]
        return b"\n{ " + b" ,\t".join(reversed(items)) + b" } "
    if isinstance(value, list):
        return b"[ " + b" , ".join(map(_rewritten, value)) + b"]"
    if isinstance(value, str):
        return b'"%b"' % "".join(f"\\u{ord(char):04x}" for char in value).encode()
    return b" %d.0 " % value


@keyed
def test_a_replay_does_not_care_what_happened_since(
    owner: Client, contact: str, path: str, body: Any
) -> None:
    path = path.format(contact)
    first = owner.post(path, body, idempotency_key="k")
    record = first.json.get("data", first.json)["id"]
    owner.patch(f"/contacts/{record}", {"city": "Rome", "tags": ["changed"]})
    check_replay(first, owner.post(path, body, idempotency_key="k"))
    assert owner.get(f"/contacts/{record}").json["tags"] == ["changed"]
    owner.delete(f"/contacts/{record}")
    check_replay(first, owner.post(path, body, idempotency_key="k"))
    assert owner.get(f"/contacts/{record}").status == 404


@keyed
def test_another_request_under_the_key_is_refused_and_does_nothing(
    owner: Client, contact: str, path: str, body: Any
) -> None:
    path = path.format(contact)
    assert owner.post(path, body, idempotency_key="k").status in (200, 201)
    before = owner.pages("/contacts")
    others = [
        (path, body | {"tags": ["else"]}),
        ("/contacts", ADA),
        ("/contacts", {"phone": "99999"}),
        ("/contacts/upsert", ADA),
        ("/contacts/upsert", {"phone": "99999"}),
        (f"/contacts/{contact}/tags", {"tags": ["else"]}),
    ]
    for other_path, other_body in others:
        answer = owner.post(other_path, other_body, idempotency_key="k")
        slug = "idempotency-key-reused"
        check_problem(answer, 422, slug, f"/v1{other_path}")
        assert "errors" not in answer.json
    assert owner.pages("/contacts") == before


def test_the_same_body_at_another_path_is_another_request(owner: Client) -> None:
    one, two = (owner.create("/contacts", {"phone": p})["id"] for p in ("123", "456"))
    body = {"tags": ["new"]}
    assert owner.post(f"/contacts/{one}/tags", body, idempotency_key="k").status == 200
    answer = owner.post(f"/contacts/{two}/tags", body, idempotency_key="k")
    check_problem(answer, 422, "idempotency-key-reused")
    assert owner.get(f"/contacts/{two}").json["tags"] == []


def test_a_failed_request_leaves_its_key_to_the_corrected_one(
    owner: Client, contact: str
) -> None:
    path = f"/contacts/{contact}/tags"
    nobody = {"owner_id": f"usr_{UNKNOWN_DIGITS}"}
    failures = [
        owner.post("/contacts", {}, idempotency_key="k"),
        owner.post("/contacts", b"{", idempotency_key="k"),
        owner.post("/contacts", ADA | nobody, idempotency_key="k"),
        owner.post("/contacts/upsert", ADA | nobody, idempotency_key="k"),
        owner.post("/contacts/con_none/tags", {"tags": ["a"]}, idempotency_key="k"),
        owner.post(path, {"tags": ["a"]}, idempotency_key="k", if_match='"0"'),
    ]
    assert [answer.status for answer in failures] == [422, 400, 422, 422, 404, 412]
    first = owner.post("/contacts", ADA, idempotency_key="k")
    assert first.status == 201
    check_replay(first, owner.post("/contacts", ADA, idempotency_key="k"))


def test_a_key_is_the_users_own(
    owner: Client, member: Client, stranger: Client, tenant: Tenant, open_client: Any
) -> None:
    first = owner.post("/contacts", ADA, idempotency_key="k")
    for other in (member, stranger):
        answer = other.post("/contacts", ADA, idempotency_key="k")
        assert answer.status == 201
        assert "idempotent-replayed" not in answer.headers
        assert answer.json["id"] != first.json["id"]
    same_user = open_client(tenant.token())
    check_replay(first, same_user.post("/contacts", ADA, idempotency_key="k"))


def test_a_key_is_the_apps_own(scene: Scene, open_client: OpenClient) -> None:
    """An app's requests are not those that its user makes by themselves."""
    own = open_client(scene.token(("contact.write",)))
    app = scene.oauth.register()
    tokens = scene.oauth.exchange(app, scene.oauth.grant(app, scene.session))
    first = own.post("/contacts", ADA, idempotency_key="k")
    same_user = open_client(scene.token(("contact.write",)))
    check_replay(first, same_user.post("/contacts", ADA, idempotency_key="k"))
    by_app = open_client(tokens.access_token)
    answer = by_app.post("/contacts", ADA, idempotency_key="k")
    assert answer.status == 201
    assert answer.json["id"] != first.json["id"]
    again = scene.oauth.refresh(app, tokens.refresh_token)
    later = open_client(again.access_token)
    check_replay(answer, later.post("/contacts", ADA, idempotency_key="k"))


def test_requests_at_once_with_one_key_are_done_once(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    clients = [open_client(tenant.tokens["owner"]) for _ in range(8)]
    for path, body in (CREATE, UPSERT):

        def post(client: Client, path: str = path, body: Any = body) -> Answer:
            return client.post(path, body, idempotency_key=f"k{path}")

        with ThreadPoolExecutor(len(clients)) as threads:
            answers = list(threads.map(post, clients))
        assert len({(answer.status, answer.body) for answer in answers}) == 1
        replays = [a for a in answers if "idempotent-replayed" in a.headers]
        assert len(replays) == len(clients) - 1
    assert total(owner) == 1  # the upsert found what the create had made


def test_a_replay_needs_its_permission_all_the_same(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    owner.create("/contacts", ADA, idempotency_key="k")
    unscoped = open_client(tenant.token(["contact.read"]))
    answer = unscoped.post("/contacts", ADA, idempotency_key="k")
    check_problem(answer, 403, "forbidden")
    spent = open_client(tenant.token(rate_limit=(1, 3600)))
    assert spent.post("/contacts", ADA, idempotency_key="k").status == 201
    answer = spent.post("/contacts", ADA, idempotency_key="k")
    check_problem(answer, 429, "rate-limited")
    answer = open_client("pcp_none").post("/contacts", ADA, idempotency_key="k")
    check_problem(answer, 401, "unauthorized")


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "\u00fc", "a\tb"])
def test_a_key_has_its_form(owner: Client, key: str) -> None:
    answer = owner.post("/contacts", ADA, idempotency_key=key)
    check_problem(answer, 400, "bad-request", "/v1/contacts")
    assert "Idempotency-Key" in answer.json["detail"]
    assert total(owner) == 0


@pytest.mark.parametrize("key", ["0", "k" * 255, "!~:/,\"';"])
def test_any_key_of_that_form_will_do(owner: Client, key: str) -> None:
    first = owner.post("/contacts", ADA, idempotency_key=key)
    check_replay(first, owner.post("/contacts", ADA, idempotency_key=key))


@pytest.mark.parametrize("key", ["k", "not a key"])
def test_what_is_not_keyed_ignores_the_header(
    owner: Client, contact: str, key: str
) -> None:
    path = f"/contacts/{contact}"
    for city in ("Rome", "Oslo"):
        answer = owner.patch(path, {"city": city}, idempotency_key=key)
        assert (answer.status, answer.json["city"]) == (200, city)
        found = owner.post("/contacts/search", {}, idempotency_key=key)
        assert found.json["data"][0]["city"] == city
        assert owner.get(path, idempotency_key=key).json["city"] == city
    owner.post(f"{path}/tags", {"tags": ["new"]})
    for tags in (["VIP"], []):
        tag = "new" if tags else "VIP"
        answer = owner.delete(f"{path}/tags/{tag}", idempotency_key=key)
        assert answer.json["tags"] == tags
    assert owner.delete(path, idempotency_key=key).status == 204
    assert owner.delete(path, idempotency_key=key).status == 404


def test_a_key_is_kept_for_thirty_days(owner: Client, tenant: Tenant) -> None:
    first = owner.post("/contacts", ADA, idempotency_key="k")
    for age, is_kept in ((30 * 86_400 - 60, True), (120, False)):
        administer(
            tenant.stack.database_url,
            # mypy finds no type for a default of a lambda
            lambda database, age=age: database.run(  # type: ignore[misc]  # a lambda with a default
                "UPDATE idempotency_keys"
                " SET created_at = created_at - make_interval(secs => $2)"
                " WHERE business_id = $1",
                tenant.business_id,
                age,
            ),
        )
        again = owner.post("/contacts", ADA, idempotency_key="k")
        if is_kept:
            check_replay(first, again)
        else:
            assert again.status == 201
            assert again.json["id"] != first.json["id"]
            check_replay(again, owner.post("/contacts", ADA, idempotency_key="k"))
