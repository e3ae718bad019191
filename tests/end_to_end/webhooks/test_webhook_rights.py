"""Who may keep webhooks, and what they let nobody have."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from services.webhooks.bounds import MOST_OF_AN_APP
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.webhooks.kept import body, path
from tests.harness.people.oauth_scene import Scene
from tests.world import Tenant, let_transactions_end

_UNKNOWN = {"field": "planet", "operator": "eq", "value": 1}
KEEPS = ["webhook.read", "webhook.write", "webhook.delete"]


def app_of(scene: Scene, scopes: Sequence[str]) -> Client:
    """An app to which the user has given scopes."""
    app = scene.oauth.register(scope=" ".join(scopes))
    granted = scene.oauth.grant(app, scene.session, scope=" ".join(scopes))
    issued = scene.oauth.exchange(app, granted)
    return Client(scene.tenant.stack.http, issued.access_token)


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_owners_and_admins_alone_keep_webhooks(tenant: Tenant, role: str) -> None:
    with closing(tenant.client()) as owner, closing(tenant.client(role)) as other:
        made = owner.create("/webhooks", body())
        for answer in (
            other.post("/webhooks", body()),
            other.get(path(made)),
            other.post("/webhooks/search", {}),
            other.patch(path(made), {"active": False}),
            other.delete(path(made)),
            other.post(f"{path(made)}/rotate_secret", {}),
            other.post(f"{path(made)}/deliveries/search", {}),
        ):
            assert (answer.status, answer.json["refused_by"]) == (403, "role")
        let_transactions_end()
        told = other.post("/changes/read", {"start": "earliest"}).json.get("data", [])
        assert "webhooks" not in {each["record"]["resource"] for each in told}


def test_a_webhook_sends_no_more_than_its_token_reads(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token([*KEEPS, "contact.read"]))
    for types in (["deal.won"], ["contact.*", "company.*"]):
        refused = client.post("/webhooks", body(types=types))
        assert (refused.status, refused.json["refused_by"]) == (403, "scope")
    made = client.create("/webhooks", body(types=["*"]))
    refused = client.patch(path(made), {"types": ["deal.won"]})
    assert (refused.status, refused.json["required"]) == (403, "deal.read")
    none = open_client(tenant.token(["webhook.write"]))
    assert none.post("/webhooks", body(types=["*"])).status == 403


def test_who_changes_what_is_sent_sends_what_they_may_read(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    narrow = open_client(tenant.token([*KEEPS, "contact.read"]))
    me = narrow.get("/me").json["token"]["id"]
    made = owner.create("/webhooks", body(types=["*"]))
    for harmless in ({"active": False}, {"active": True}, {"description": "Mine"}):
        assert narrow.patch(path(made), harmless).json["token_id"] == made["token_id"]
    moved = narrow.patch(path(made), {"url": "https://example.org/elsewhere"})
    assert moved.json["token_id"] == me
    again = owner.post("/webhooks", body(url=moved.json["url"], types=["deal.*"]))
    assert (again.status, again.json["token_id"]) == (200, made["token_id"])
    refused = narrow.post("/webhooks", body(url=moved.json["url"], types=["deal.*"]))
    assert refused.status == 403


def test_a_token_that_may_only_write_is_shown_the_secret(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(["webhook.write", "contact.read"]))
    made = client.create("/webhooks", body())
    assert made["secret"].startswith("whsec_")
    assert "pending" not in made


def test_an_app_sees_its_own_webhooks_alone(scene: Scene) -> None:
    scopes = [*KEEPS, "contact.read"]
    with (
        closing(scene.tenant.client()) as owner,
        closing(app_of(scene, scopes)) as app,
        closing(app_of(scene, scopes)) as other,
    ):
        given = body()
        made = [each.create("/webhooks", given) for each in (owner, app, other)]
        assert len({each["id"] for each in made}) == 3, "one for each app"
        assert [each["id"] for each in app.pages("/webhooks")] == [made[1]["id"]]
        asked = {"ids": [each["id"] for each in made]}
        found = app.post("/webhooks/search", asked).json["data"]
        assert [each and each["id"] for each in found] == [None, made[1]["id"], None]
        _sees_nothing_of(app, made[2])
        assert len(owner.pages("/webhooks")) == 3
        off = owner.patch(path(made[1]), {"active": False})
        assert off.json["active"] is False
        refused = owner.patch(path(made[1]), {"url": "https://example.org/mine"})
        assert refused.status == 422
        taken = owner.post(f"{path(made[1])}/rotate_secret", {})
        assert taken.codes == {"id": "read_only"}, "the app's secret is its own"
        assert owner.delete(path(made[1])).status == 204


def test_an_app_sees_the_jobs_that_it_began_alone(scene: Scene) -> None:
    scopes = [*KEEPS, "contact.read"]
    with (
        closing(scene.tenant.client()) as owner,
        closing(app_of(scene, scopes)) as app,
        closing(app_of(scene, scopes)) as other,
    ):
        webhook = app.create("/webhooks", body())
        begun = app.post(f"{path(webhook)}/replay", {"from": "2026-11-15T00:00:00Z"})
        at = f"/jobs/{begun.json['id']}"
        for answer in (other.get(at), other.post(f"{at}/wait", {"wait_seconds": 1})):
            assert answer.status == 404
        assert other.post(f"{at}/cancel", {}).status == 404
        assert other.search("/jobs")["data"] == []
        asked = {"ids": [begun.json["id"]]}
        assert other.post("/jobs/search", asked).json["data"] == [None]
        for client in (app, owner):
            assert client.get(at).status == 200
            assert begun.json["id"] in [each["id"] for each in client.pages("/jobs")]
            found = client.post("/jobs/search", asked).json["data"]
            assert [each["id"] for each in found] == asked["ids"]
        assert app.post(f"{at}/wait", {}).json["state"] == "succeeded"


def test_a_replay_of_jobs_sends_an_app_its_own_alone(scene: Scene) -> None:
    scopes = [*KEEPS, "contact.read", "change.read"]
    with (
        closing(scene.tenant.client()) as owner,
        closing(app_of(scene, scopes)) as app,
    ):
        others, own = (
            _replayed(client, client.create("/webhooks", body()))
            for client in (owner, app)
        )
        for client, wanted in ((app, {own}), (owner, {own, others})):
            webhook = client.create("/webhooks", body(types=["job.*"], active=False))
            again = _replayed(client, webhook)
            found = client.pages(f"{path(webhook)}/deliveries", limit=100)
            told = {each["record_id"] for each in found} - {again}
            assert wanted <= told
            assert client is owner or told == wanted


def _replayed(client: Client, webhook: Any) -> str:
    """The id of a job that has replayed the changes of a webhook."""
    begun = client.post(f"{path(webhook)}/replay", {"from": "2026-11-15T00:00:00Z"})
    job = client.post(f"/jobs/{begun.json['id']}/wait", {}).json
    assert job["state"] == "succeeded", job
    return str(job["id"])


def test_an_app_leaves_room_for_others_webhooks(scene: Scene) -> None:
    with (
        closing(scene.tenant.client()) as owner,
        closing(app_of(scene, [*KEEPS, "contact.read"])) as app,
    ):
        made = [app.create("/webhooks", body()) for _ in range(MOST_OF_AN_APP)]
        refused = app.post("/webhooks", body())
        assert refused.codes == {"url": "too_many"}
        owner.create("/webhooks", body())
        assert app.delete(path(made[0])).status == 204
        app.create("/webhooks", body())


def test_an_app_is_not_told_of_webhooks_by_the_feed(scene: Scene) -> None:
    scopes = [*KEEPS, "contact.read", "change.read"]
    with (
        closing(scene.tenant.client()) as owner,
        closing(app_of(scene, scopes)) as app,
    ):
        owner.create("/webhooks", body(url="https://example.org/a-secret"))
        asked = {"start": "earliest", "resources": ["webhooks"]}
        assert app.post("/changes/read", asked).status == 403
        let_transactions_end()
        told = app.post("/changes/read", {"start": "earliest"}).json["data"]
        assert "webhooks" not in {each["record"]["resource"] for each in told}
        assert app.post("/webhooks", body(types=["webhook.*"])).status == 403
        assert owner.post("/changes/read", asked).json["data"] != []


def _sees_nothing_of(app: Client, webhook: Any) -> None:
    at = path(webhook)
    for answer in (
        app.get(at),
        app.patch(at, {"active": False}),
        app.delete(at),
        app.post(f"{at}/history", {}),
        app.post(f"{at}/rotate_secret", {}),
        app.post(f"{at}/deliveries/search", {}),
        app.post(f"{at}/replay", {"from": "2100-01-01T00:00:00Z"}),
    ):
        assert answer.status == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "https://10.1.2.3/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://ada:engine@example.com/"}, "url"),
        ({"url": "https://example.com/#part"}, "url"),
        ({"types": ["contact"]}, "types[0]"),
        ({"types": ["contact.*", "planet.seen"]}, "types[1]"),
        ({"types": []}, "types"),
        ({"include": ["everything"]}, "include[0]"),
        ({"version": "2026-02-30"}, "version"),
        ({"version": "2020-01-01"}, "version"),
        ({"version": "2100-01-01"}, "version"),
        (
            {"filters": [{"field": "x", "operator": "eq", "value": 1}]},
            "filters[0].field",
        ),
        (
            {
                "types": ["contact.*", "deal.won"],
                "filters": [{"field": "id", "operator": "eq", "value": "con_1"}],
            },
            "filters",
        ),
    ],
)
def test_what_is_no_webhook_is_refused(
    owner: Client, given: dict[str, Any], field: str
) -> None:
    refused = owner.post("/webhooks", body(**given))
    assert (refused.status, list(refused.codes)) == (422, [field]), refused.body
    made = owner.create("/webhooks", body())
    refused = owner.patch(path(made), given)
    assert (refused.status, list(refused.codes)) == (422, [field]), refused.body
