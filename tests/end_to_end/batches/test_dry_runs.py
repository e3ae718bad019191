"""A dry run takes no idempotency key, and is never done in earnest by mistake."""

import pytest

from tests.client import Client
from tests.end_to_end.batches.trying import ledger_of, tried
from tests.world import Tenant


def test_a_dry_run_takes_no_key(owner: Client, tenant: Tenant) -> None:
    for path, body in (
        ("/companies", {"name": "Acme"}),
        (
            "/companies/batch",
            {"operations": [{"method": "create", "body": {"name": "B"}}]},
        ),
    ):
        with ledger_of(tenant) as ledger:
            request, key = ("POST", path, body), f"key-of-{path}"
            dry = tried(owner, ledger, *request, idempotency_key=key)
            assert "idempotent-replayed" not in dry.headers
            real = owner.send(*request, idempotency_key=key)
            assert "idempotent-replayed" not in real.headers
            again = tried(owner, ledger, *request, idempotency_key=key)
            assert again.headers["idempotent-replayed"] == "true"
            assert again.body == real.body


@pytest.mark.parametrize("value", ["yes", "1", "", "True", "FALSE"])
def test_what_is_meant_as_a_dry_run_never_writes(owner: Client, value: str) -> None:
    answer = owner.post("/companies", {"name": "Acme"}, dry_run=value)
    assert answer.status == 400
    assert "Dry-Run" in answer.json["detail"]
    assert owner.search("/companies")["data"] == []
    assert owner.post("/companies", {"name": "A"}, dry_run="false").status == 201
