"""The same over gRPC and as tools of assistants."""

from typing import Any

import grpc
import orjson
from prospectconnect.crm.v1 import companies_pb2, contacts_pb2
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from tests.client import Client
from tests.edge.mcp.assistant import head
from tests.end_to_end.associations.associating import company, contact
from tests.harness.wire.grpc_calls import bearer, refused
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant


def test_over_grpc(owner: Client, tenant: Tenant) -> None:
    firm = company(owner)
    person = contact(owner, company_id=firm)
    metadata = bearer(tenant.tokens["owner"])
    get = contacts_pb2.GetContactRequest(
        id=person, fields=["email"], expand=["company", "owner"]
    )
    ids = [f"con_{UNKNOWN_DIGITS}", person]
    by_ids = contacts_pb2.SearchContactsRequest(ids=ids, expand=["company"])
    wrong = contacts_pb2.GetContactRequest(id=person, fields=["nope"])
    with grpc.insecure_channel(tenant.stack.grpc) as channel:
        stub = ContactServiceStub(channel)
        told = stub.GetContact(get, metadata=metadata, timeout=60)
        page = stub.SearchContacts(by_ids, metadata=metadata, timeout=60)
        refusal = refused(stub.GetContact, wrong, metadata=metadata)
    assert told.answered_fields == ["id", "email", "company_id", "owner_id"]
    assert (told.email, told.name, told.etag) == ("ada@x.example", "", "1")
    assert [each.path for each in told.expanded] == ["company", "owner"]
    (found,) = page.expanded
    assert (list(page.missing), [each.id for each in page.data]) == ([0], [person])
    assert (list(found.from_ids), list(found.to_ids)) == ([person], [firm])
    companies = companies_pb2.SearchCompaniesResponse()
    assert found.page.Unpack(companies)
    assert [each.id for each in companies.data] == found.record_ids == [firm]
    assert companies.data[0].name == "Firm"
    assert refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.faults == {"fields[0]": "INVALID_CHOICE"}


def test_as_tools(owner: Client) -> None:
    firm = company(owner)
    person = contact(owner, company_id=firm)

    def call(tool: str, **arguments: Any) -> Any:
        params = {"name": tool, "arguments": arguments}
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = head(token=str(owner.token))
        answer = owner.raw("POST", "/mcp", orjson.dumps(asked), headers)
        return answer.json["result"]["structuredContent"]

    told = call("get_contact", id=person, fields=["email"], expand=["company"])
    assert told["company"] == owner.get(f"/companies/{firm}").json
    assert told.keys() == {"id", "email", "company_id", "company"}
    found = call("search_contacts", ids=["x", person], fields=["email"])["data"]
    assert found == [None, {"id": person, "email": "ada@x.example"}]
    assert call("get_contact", id=person, fields=["nope"])["status"] == 400
    assert call("get_contact", id=person, fields="email")["status"] == 422
