"""What a deletion takes along is told before it, and by its undoing what comes back."""

import random
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1.companies_pb2 import RestoreCompanyRequest
from prospectconnect.crm.v1.companies_pb2_grpc import CompanyServiceStub

from tests.client import Client
from tests.end_to_end.associations.associating import (
    associate,
    contact,
    deal,
    define,
)
from tests.stacks import Stack
from tests.world import Tenant


def told(text: str | None) -> dict[str, int]:
    pairs = (each.partition("=") for each in (text or "").split(", ") if each)
    return {name: int(count) for name, _, count in pairs}


def test_a_record_without_others_takes_nothing_along(owner: Client) -> None:
    at = f"/notes/{owner.create('/notes', {'body': 'x', 'deal_id': deal(owner)})['id']}"
    dry = owner.send("DELETE", at, dry_run="true")
    assert (dry.status, dry.headers.get("affected")) == (204, None)
    assert owner.delete(at).status == 204
    assert "affected" not in owner.post(f"{at}/restore").headers


@pytest.mark.parametrize("seed", range(3))
def test_the_extent_is_what_happens(owner: Client, seed: int) -> None:
    dice = random.Random(seed)
    firm, others, kept = _surrounded(owner, dice)
    at = f"/companies/{firm}"
    dry = owner.send("DELETE", at, dry_run="true")
    said = told(dry.headers["affected"])
    assert owner.get(at).status == 200
    assert owner.delete(at).headers.get("affected") is None
    gone = [each for each in others if owner.get(each).status == 404]
    unlinked = [each for each in others if each not in gone]
    assert said == counted(gone, "deleted") | counted(unlinked, "unlinked")
    # Somebody takes one of the links meanwhile, which does not come back.
    if kept is not None:
        other = owner.create("/companies", {"name": "Other"})["id"]
        assert owner.patch(kept, {"company_id": other}).status == 200
    for is_dry in ("true", "false"):
        back = owner.post(f"{at}/restore", dry_run=is_dry)
        linked = [each for each in unlinked if each != kept]
        want = counted(gone, "restored") | counted(linked, "linked")
        assert told(back.headers.get("affected")) == want
    again = owner.post(f"{at}/restore")
    assert (again.status, again.headers.get("affected")) == (200, None)


def _surrounded(owner: Client, dice: random.Random) -> tuple[str, list[str], Any]:
    """A company, the paths of what leads to it, and one of those that stay."""
    firm = owner.create("/companies", {"name": "Engines"})["id"]
    bargain = owner.create("/deals", {"name": "D"})["id"]
    others: list[str] = []
    for number in range(dice.randrange(1, 4)):
        note = {"body": f"{number}", "company_id": firm}
        shared = note | ({"deal_id": bargain} if dice.random() < 0.5 else {})
        others.append(f"/notes/{owner.create('/notes', shared)['id']}")
    staying = [
        f"/contacts/{contact(owner, f'c{n}', company_id=firm)}"
        for n in range(dice.randrange(3))
    ]
    partner = owner.create("/companies", {"name": "Partner"})["id"]
    define(owner, "partner_of", from_object="companies", to_object="companies")
    if dice.random() < 0.7:
        made = associate(owner, "partner_of", firm, partner)
        others.append(f"/associations/{made.json['id']}")
    its = [{"field": "company_id", "operator": "eq", "value": firm}]
    timeline = owner.pages("/activities", filters=its)
    others += [*(f"/activities/{each['id']}" for each in timeline), *staying]
    return firm, others, staying[0] if staying else None


def counted(paths: list[str], became: str) -> dict[str, int]:
    names = [f"{each.split('/')[1]}.{became}" for each in paths]
    return {name: names.count(name) for name in names}


def test_it_is_told_over_grpc_too(owner: Client, tenant: Tenant, stack: Stack) -> None:
    firm = owner.create("/companies", {"name": "Engines"})["id"]
    owner.create("/notes", {"body": "x", "company_id": firm})
    assert owner.delete(f"/companies/{firm}").status == 204
    with grpc.insecure_channel(stack.grpc) as channel:
        metadata = (("authorization", f"Bearer {tenant.tokens['owner']}"),)
        _, call = CompanyServiceStub(channel).RestoreCompany.with_call(
            RestoreCompanyRequest(id=firm), metadata=metadata
        )
    extent = "activities.restored=2, notes.restored=1"
    assert dict(call.trailing_metadata())["affected"] == extent
