"""External ids: one live record of a kind has an id in a system, whoever asks.

What holds for every field of a record is in `test_records.py`; what holds for upserts
of every record is in `test_every_upsert.py`.
"""

from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1 import contacts_pb2_grpc

from tests.client import Client
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.at_once import at_once, crowd
from tests.harness.wire.grpc_calls import bearer
from tests.promises.record_values import SYSTEM, Maker, new_id
from tests.promises.records_suite import RESOURCES, UPSERTED, Resource
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

written = pytest.mark.parametrize("resource", UPSERTED, ids=str)

MANY = 100
TAKEN = {f"external_ids.{SYSTEM}": "not_unique"}


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the tenant's owner."""
    return Maker(owner, tenant.users)


def having(value: str, system: str = SYSTEM) -> dict[str, Any]:
    """The member of a body that gives a record an id in a system."""
    return {"external_ids": {system: value}}


def holders(answer: Any) -> list[str]:
    """The records that have what a refused request asked for."""
    return [fault.get("record_id", "") for fault in answer.json["errors"]]


@written
def test_no_two_records_of_a_kind_have_an_id(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    taken = having(new_id())
    first = maker.create(resource, **taken)
    other = f"{resource.path}/{maker.create(resource)['id']}"
    before = owner.get(other).body
    for answer in (
        owner.post(resource.path, maker.least(resource) | taken),
        owner.patch(other, taken),
    ):
        check_problem(answer, 422, "validation")
        assert answer.codes == TAKEN
        assert holders(answer) == [first["id"]]
    assert owner.get(other).body == before


@written
def test_an_id_is_free_when_its_record_lets_it_go(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    value = new_id()
    path = f"{resource.path}/{maker.create(resource, **having(value))['id']}"
    assert owner.patch(path, {"external_ids": {SYSTEM: None}}).status == 200
    second = maker.create(resource, **having(value))["id"]
    assert owner.patch(path, having(value)).codes == TAKEN
    assert owner.patch(f"{resource.path}/{second}", having(new_id())).status == 200
    assert owner.patch(path, having(value)).status == 200
    assert owner.delete(path).status == 204
    third = f"{resource.path}/{maker.create(resource, **having(value))['id']}"
    assert owner.patch(third, {"external_ids": None}).json["external_ids"] == {}
    maker.create(resource, **having(value))


@written
def test_an_id_belongs_to_its_record_system_and_tenant(
    resource: Resource, maker: Maker, stranger: Client, other_tenant: Tenant
) -> None:
    value = new_id()
    maker.create(resource, **having(value))
    maker.create(resource, **having(value, "another_system"))
    maker.create(resource, **having(value.lower() + "x"))
    maker.create(resource, **having(f" {value}"))
    maker.create(resource, **having(value.swapcase()))
    for each in UPSERTED:
        if each is not resource:
            maker.create(each, **having(value))
    Maker(stranger, other_tenant.users).create(resource, **having(value))


def test_who_does_not_see_the_holder_is_not_told_it(
    owner: Client, member: Client
) -> None:
    value = new_id()
    hidden = owner.create("/contacts", {"email": "a@b.example"} | having(value))
    refused = member.post("/contacts", {"email": "c@d.example"} | having(value))
    assert (refused.codes, holders(refused)) == (TAKEN, [""])
    assert hidden["id"] not in refused.body.decode()
    told = owner.post("/contacts", {"email": "c@d.example"} | having(value))
    assert holders(told) == [hidden["id"]]


def test_all_ids_that_are_taken_are_named(owner: Client) -> None:
    ids = {f"system_{n}": new_id() for n in range(20)}
    made = [
        owner.create("/companies", {"name": system} | having(value, system))["id"]
        for system, value in ids.items()
    ]
    refused = owner.post("/companies", {"name": "All", "external_ids": ids})
    assert refused.codes == {f"external_ids.{name}": "not_unique" for name in ids}
    assert sorted(holders(refused)) == sorted(made)


def test_a_record_has_ids_in_twenty_systems_after_any_change(owner: Client) -> None:
    ids = {f"system_{n}": new_id() for n in range(20)}
    made = owner.create("/companies", {"name": "Full", "external_ids": ids})
    path = f"/companies/{made['id']}"
    refused = owner.patch(path, having(new_id()))
    assert refused.codes == {"external_ids": "too_many"}
    instead = {"external_ids": {"system_0": None, SYSTEM: new_id()}}
    assert len(owner.patch(path, instead).json["external_ids"]) == 20


@pytest.mark.parametrize("linked", ["contact", "company", "deal"])
@pytest.mark.parametrize("kind", ["note", "activity"])
def test_what_is_deleted_with_a_record_lets_its_ids_go(
    kind: str, linked: str, maker: Maker, owner: Client
) -> None:
    resource, value = RESOURCES[kind], new_id()
    target = maker.create(RESOURCES[linked])["id"]
    least = {f.name: maker.value(f, 0) for f in resource.writable if f.required}
    body = least | {f"{linked}_id": target} | having(value)
    path = f"{resource.path}/{owner.create(resource.path, body)['id']}"
    assert owner.delete(f"{RESOURCES[linked].path}/{target}").status == 204
    assert owner.get(path).status == 404
    maker.create(resource, **having(value))


def test_a_replay_of_a_create_is_its_answer_again(owner: Client) -> None:
    body = {"name": "Once"} | having(new_id())
    first = owner.post("/companies", body, idempotency_key="k")
    again = owner.post("/companies", body, idempotency_key="k")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert owner.post("/companies", body).codes == TAKEN


KEYS = st.sampled_from(["salesforce", "legacy_erp", "x"])
PATCHES = st.lists(
    st.none() | st.dictionaries(KEYS, st.none() | st.text("aB é", min_size=1)),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(patches=PATCHES)
def test_changes_merge_by_system(owner: Client, patches: list[Any]) -> None:
    """Held against a dict, and against the rows that find the record."""
    path = f"/companies/{owner.create('/companies', {'name': 'Merged'})['id']}"
    model: dict[str, str] = {}
    for patch in patches:
        answer = owner.patch(path, {"external_ids": patch})
        model = {} if patch is None else model | patch
        model = {system: value for system, value in model.items() if value is not None}
        assert answer.json["external_ids"] == model
        for system in ("salesforce", "legacy_erp", "x"):
            field = f"external_ids.{system}"
            condition = {"field": field, "operator": "is_not_empty"}
            if system in model:
                equal = {"operator": "eq", "value": model[system]}
                condition = {"field": field, **equal}
            found = owner.search("/companies", filters=[condition])["data"]
            assert [each["external_ids"] for each in found] == [model] * len(found)
            assert len(found) == (system in model)
    assert owner.delete(path).status == 204


def test_of_many_at_once_one_gets_the_id(stack: Stack) -> None:
    for _ in range(rounds("EXTERNAL_ID_ROUNDS")):
        tenant, value = new_tenant(stack), new_id()
        bodies = [{"name": f"{n}"} | having(value) for n in range(MANY)]
        with crowd(tenant, MANY) as clients:
            pairs = list(zip(clients, bodies, strict=True))
            answers = at_once(lambda pair: pair[0].post("/companies", pair[1]), pairs)
            made = clients[0].pages("/companies", limit=100)
        assert len(made) == 1, "several records have one id"
        statuses = [answer.status for answer in answers]
        assert (statuses.count(201), statuses.count(422)) == (1, MANY - 1)
        refused = [answer for answer in answers if answer.status == 422]
        assert all(answer.codes == TAKEN for answer in refused)
        assert {each for a in refused for each in holders(a)} == {made[0]["id"]}


def test_ids_that_are_exchanged_at_once_are_never_there_twice(stack: Stack) -> None:
    """Each of many records wants two ids, and gives them in another order."""
    tenant, ids = new_tenant(stack), [new_id() for _ in range(4)]
    with crowd(tenant, 16) as clients:
        paths = [
            f"/companies/{clients[0].create('/companies', {'name': 'x'})['id']}"
            for _ in clients
        ]

        def want(number: int) -> None:
            for turn in range(4):
                first, second = ids[(number + turn) % 4], ids[(number - turn) % 4]
                wanted = {SYSTEM: first, "erp": second}
                answer = clients[number].patch(paths[number], {"external_ids": wanted})
                assert answer.status in (200, 422)

        at_once(want, range(len(clients)))
        kept = [each["external_ids"] for each in clients[0].pages("/companies")]
    for system in (SYSTEM, "erp"):
        held = [each[system] for each in kept if system in each]
        assert len(held) == len(set(held))


def test_over_grpc_the_holder_is_a_detail(tenant: Tenant, owner: Client) -> None:
    value = new_id()
    holder = owner.create("/contacts", {"phone": "123"} | having(value))["id"]
    given = pb.Contact(phone="456", external_ids=Struct())
    given.external_ids[SYSTEM] = value
    with grpc.insecure_channel(tenant.stack.grpc) as channel:
        contacts: Any = contacts_pb2_grpc.ContactServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            contacts.CreateContact(
                pb.CreateContactRequest(contact=given),
                metadata=bearer(tenant.tokens["owner"]),
            )
    status = rpc_status.from_call(refused.value)
    info = error_details_pb2.ResourceInfo()
    assert status is not None
    assert any(detail.Unpack(info) for detail in status.details)
    path = f"contact.external_ids.{SYSTEM}"
    assert (info.resource_type, info.resource_name) == ("contact", holder)
    assert info.description == path
