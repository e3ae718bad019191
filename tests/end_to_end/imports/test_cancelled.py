"""Imports and jobs are ended by who may do what they do, and by nobody else."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.exports import exporting
from tests.end_to_end.imports.sending import begun, ended, put, put_part, table
from tests.world import Tenant

CONTENT = table("email", "ada@engine.example")
LONG = table("email", *(f"p{number}@s.example" for number in range(20_000)))


@pytest.fixture
def reader(tenant: Tenant) -> Iterator[Client]:
    """The same owner, by a token that reads everything and writes nothing."""
    scopes = ("contact.read", "schema.read", "webhook.read", "change.read")
    with closing(Client(tenant.stack.http, tenant.token(scopes))) as client:
        yield client


def test_an_import_that_waits_is_cancelled_with_its_content(owner: Client) -> None:
    import_id = begun(owner)
    assert put_part(owner, import_id, 1, CONTENT).status == 200
    path = f"/imports/{import_id}"
    found = owner.post(f"{path}/cancel")
    assert (found.status, found.json["state"]) == (200, "cancelled")
    assert found.json["job_id"] is None
    for answer in (
        put(owner, import_id, CONTENT),
        put_part(owner, import_id, 2, CONTENT),
        owner.post(f"{path}/start"),
    ):
        assert answer.status == 409
        assert answer.json["detail"].endswith("it is cancelled.")
    again = owner.post(f"{path}/cancel")
    assert (again.status, again.json["state"]) == (200, "cancelled")
    assert owner.search("/contacts", include_total=True)["meta"]["total"] == 0


def test_cancelling_an_import_that_runs_cancels_its_job(owner: Client) -> None:
    import_id = begun(owner)
    job_id = put(owner, import_id, LONG).json["job_id"]
    assert owner.post(f"/imports/{import_id}/cancel").status == 200
    found = ended(owner, import_id)
    assert found["state"] == "cancelled"
    assert owner.get(f"/jobs/{job_id}").json["state"] == "cancelled"


def test_an_import_that_has_ended_stays_as_it_is(owner: Client) -> None:
    import_id = begun(owner)
    put(owner, import_id, CONTENT)
    found = ended(owner, import_id)
    answer = owner.post(f"/imports/{import_id}/cancel")
    assert (answer.status, answer.json) == (200, found)


def test_who_may_only_read_cancels_no_import(owner: Client, reader: Client) -> None:
    waiting, running = begun(owner), begun(owner)
    job_id = put(owner, running, LONG).json["job_id"]
    for path in (
        f"/imports/{waiting}/cancel",
        f"/imports/{running}/cancel",
        f"/jobs/{job_id}/cancel",
    ):
        refused = reader.post(path)
        assert refused.status == 403
        assert refused.json["required"] == "contact.write"
    assert owner.get(f"/imports/{waiting}").json["state"] == "waiting_for_content"
    assert owner.post(f"/jobs/{job_id}/cancel").status == 200


def test_a_deletion_is_cancelled_by_who_may_delete(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    writer = open_client(tenant.token(("contact.read", "contact.write")))
    import_id = begun(owner, mode="delete", match_on="email")
    refused = writer.post(f"/imports/{import_id}/cancel")
    assert (refused.status, refused.json["required"]) == (403, "contact.delete")


def test_an_export_is_cancelled_by_who_may_read_its_records(
    owner: Client, reader: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    export = exporting.begin(owner, "deals")
    path = f"/jobs/{export['job_id']}/cancel"
    refused = reader.post(path)
    assert (refused.status, refused.json["required"]) == (403, "deal.read")
    may = open_client(tenant.token(("deal.read",)))
    assert may.post(path).status == 200


def test_a_change_of_a_definition_is_cancelled_by_who_may_make_it(
    owner: Client, reader: Client
) -> None:
    """Jobs of definitions and replays take the permission of what begins them."""
    body: dict[str, Any] = {"url": "https://example.org/hook", "types": ["contact.*"]}
    webhook = owner.create("/webhooks", body)
    job = owner.post(
        f"/webhooks/{webhook['id']}/replay",
        {"from": webhook["created_at"], "to": "2100-01-01T00:00:00Z"},
    ).json
    refused = reader.post(f"/jobs/{job['id']}/cancel")
    assert (refused.status, refused.json["required"]) == (403, "webhook.write")


def test_members_cancel_no_import_of_others(owner: Client, member: Client) -> None:
    import_id = begun(owner)
    assert member.post(f"/imports/{import_id}/cancel").status == 404
    own = begun(member)
    assert member.post(f"/imports/{own}/cancel").json["state"] == "cancelled"
