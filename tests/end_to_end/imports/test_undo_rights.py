"""An undo takes back what the import did alone, and tells no more than is seen."""

from typing import Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.imports.sending import imported, table
from tests.end_to_end.imports.test_undoing import by_row, undone
from tests.end_to_end.scene import grant
from tests.end_to_end.schema.defining import define
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import Tenant, administer

SINCE = "Changed since the import: "


def trace_of(import_id: str) -> str:
    """A `traceparent` with the trace that the changes of an import have."""
    return f"00-{import_id.partition('_')[2]}00000000-00f067aa0ba902b7-01"


def details(client: Client, undo: Any) -> dict[int, str]:
    rows = by_row(client, undo["id"])
    return {number: each["problem"]["detail"] for number, each in rows.items()}


def test_nobody_works_in_the_trace_of_an_import(
    owner: Client, tenant: Tenant, stack: Stack
) -> None:
    made = imported(owner, table("email", "f1@forged.example", "f2@forged.example"))
    ids = {number: each["id"] for number, each in by_row(owner, made["id"]).items()}
    forged = trace_of(made["id"])
    told = owner.patch(f"/contacts/{ids[1]}", {"city": "Rome"}, traceparent=forged)
    assert (told.status, told.headers["x-trace-id"] in forged) == (200, False)
    request = pb.UpdateContactRequest(
        id=ids[2],
        contact=pb.Contact(city="Oslo"),
        update_mask=FieldMask(paths=["city"]),
    )
    metadata = bearer(tenant.tokens["owner"], traceparent=forged)
    with grpc.insecure_channel(stack.grpc) as channel:
        stub = ContactServiceStub(channel)
        stub.UpdateContact(request, metadata=metadata, timeout=60)
    undo = undone(owner, made["id"])
    assert details(owner, undo) == dict.fromkeys((1, 2), f"{SINCE}city.")
    for each in ids.values():
        assert owner.get(f"/contacts/{each}").json["city"] in ("Rome", "Oslo")


def test_an_import_did_what_its_maker_did_while_it_ran(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    """Also if the log has its trace at other changes, as it could before."""
    made = imported(owner, table("email", "l1@log.example", "l2@log.example"))
    ids = {number: each["id"] for number, each in by_row(owner, made["id"]).items()}
    admin = open_client(tenant.tokens["admin"])
    assert admin.patch(f"/contacts/{ids[1]}", {"city": "Rome"}).status == 200
    assert owner.patch(f"/contacts/{ids[2]}", {"city": "Oslo"}).status == 200

    async def forge(database: Database) -> None:
        trace, its = trace_of(made["id"])[3:35], (tenant.business_id, made["id"])
        forged = "UPDATE changes SET trace_id = $3, at = at + $4 * interval '1 second'"
        where = " WHERE business_id = $1 AND record_id = $2 AND version > 1"
        for number, later in ((1, 0), (2, 60)):
            values = its[0], ids[number], trace, later
            await database.run(forged + where, *values)
        later_import = "UPDATE imports SET updated_at = updated_at + interval '1 hour'"
        await database.run(f"{later_import} WHERE business_id = $1 AND id = $2", *its)

    administer(tenant.stack.database_url, forge)
    undo = undone(owner, made["id"])
    assert details(owner, undo) == dict.fromkeys((1, 2), f"{SINCE}city.")


def test_what_became_of_a_hidden_record_is_not_told(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    actions = ["read", "write", "delete"]
    _, token = grant(tenant, {"*": {"actions": actions, "visibility": "own"}})
    soloist = open_client(token)
    emails = [f"h{number}@hidden.example" for number in range(1, 5)]
    made = imported(soloist, table("email", *emails))
    ids = [each["id"] for _, each in sorted(by_row(owner, made["id"]).items())]
    for each in ids[:3]:
        given = {"owner_id": tenant.users["admin"]}
        assert owner.patch(f"/contacts/{each}", given).status == 200
    assert owner.patch(f"/contacts/{ids[1]}", {"city": "Rome"}).status == 200
    assert owner.delete(f"/contacts/{ids[2]}").status == 204
    undo = undone(soloist, made["id"])
    assert (undo["failed"], undo["deleted"]) == (3, 1)
    problems = [by_row(soloist, undo["id"])[number]["problem"] for number in (1, 2, 3)]
    assert problems[0]["status"] == 404
    assert problems[0]["detail"] == "There is no such record."
    assert problems == [problems[0]] * 3


def test_fields_that_are_masked_are_not_named(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    manager = open_client(tenant.tokens["manager"])
    define(owner, "text", sensitive=True)
    made = imported(manager, table("email", "m1@masked.example", "m2@masked.example"))
    ids = {number: each["id"] for number, each in by_row(owner, made["id"]).items()}
    secret = {"custom_fields": {"it": "zq-7731"}}
    assert owner.patch(f"/contacts/{ids[1]}", secret | {"city": "Rome"}).status == 200
    assert owner.patch(f"/contacts/{ids[2]}", secret).status == 200
    undo = undone(manager, made["id"])
    assert details(manager, undo) == {
        1: f"{SINCE}city.",
        2: f"{SINCE}fields that you do not see.",
    }
    again = undone(owner, made["id"])
    assert details(owner, again) == {
        1: f"{SINCE}city, custom_fields.it.",
        2: f"{SINCE}custom_fields.it.",
    }
