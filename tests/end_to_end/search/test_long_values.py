"""A filter's text of a megabyte costs little, in the server and in PostgreSQL.

What is counted is processor time, of the server and of all PostgreSQL's processes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.gates.request_checks import MOST_SEARCH_BYTES
from tests import stacks
from tests.harness.database.own_postgres import processes
from tests.harness.hostile.long_texts import SHAPES
from tests.harness.processor_time import MOST_SECONDS, least, spent
from tests.harness.wire.grpc_calls import bearer, refused
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

BYTES = MOST_SEARCH_BYTES - 4_096
FIELDS = ("email", "job_title", "phone", "tags", "custom_fields.plan", "company_id")
SEVERAL = {"in", "not_in", "any_of", "all_of", "none_of"}
OPERATORS = ("eq", "neq", "contains", "starts_with", "ends_with", *sorted(SEVERAL))
SEARCH = "/prospectconnect.crm.v1.ContactService/SearchContacts"


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant with contacts on a server, and the folder of its PostgreSQL."""

    tenant: Tenant
    server: int
    folder: Path

    def spent(self) -> float:
        """The processor time of the server and of PostgreSQL so far, in seconds."""
        found = 0.0
        for pid in (self.server, *processes(self.folder)):
            try:
                found += spent(pid)
            except FileNotFoundError:  # it has ended meanwhile
                continue
        return found


@pytest.fixture(scope="module")
def place(database_url: str, sql_log: Path) -> Iterator[Place]:
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    ports = ("--http-port", "0", "--grpc-port", "0", "--no-demo")
    process = stacks.start("serve", *ports, "--database-url", database_url, env=env)
    try:
        stack = Stack("together", process.http, process.grpc, database_url)
        tenant = new_tenant(stack)
        client = tenant.client()
        for number in range(20):
            plan = {"plan": f"Gold {number}"}
            client.create("/contacts", {"phone": f"555{number}", "custom_fields": plan})
        client.close()
        yield Place(tenant, process.handle.pid, sql_log.parent)
    finally:
        assert process.stop() == 0


def search(field: str, operator: str, values: Sequence[str]) -> bytes:
    """The message of a search with one condition, which also asks for the total."""
    one = Filter(field=field, operator=Operator.Value(f"OPERATOR_{operator.upper()}"))
    if operator in SEVERAL:
        for value in values:
            one.values.add().string_value = value
    else:
        one.value.string_value = values[0]
    request = pb.SearchContactsRequest(filters=[one], include_total=True)
    data: bytes = request.SerializeToString()
    return data


def costs(place: Place, message: bytes) -> tuple[float, Any]:
    """What a search costs at least in some tries, in seconds, and how it ended."""
    metadata, codes = bearer(place.tenant.tokens["viewer"]), list[Any]()
    with grpc.insecure_channel(place.tenant.stack.grpc) as channel:
        call: Any = channel.unary_unary(SEARCH)

        def made() -> None:
            codes.append(call.future(message, timeout=60, metadata=metadata).code())

        return least(place.spent, made), codes[-1]


@pytest.mark.parametrize("shape", ["percents", "accents", "digits", "dotted capitals"])
def test_a_text_of_a_megabyte_costs_little(place: Place, shape: str) -> None:
    dear = {}
    text = SHAPES[shape](BYTES)
    for field in FIELDS:
        for operator in OPERATORS:
            cost, code = costs(place, search(field, operator, [text]))
            assert code in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT)
            if cost > MOST_SECONDS:
                dear[f"{field} {operator}"] = cost
    assert not dear


@pytest.mark.parametrize("operator", ["in", "any_of", "all_of"])
def test_many_long_texts_cost_little(place: Place, operator: str) -> None:
    for field in ("email", "tags", "custom_fields.plan"):
        text = SHAPES["accents"](BYTES // 500 - 16)
        cost, _ = costs(place, search(field, operator, [text] * 500))
        assert cost <= MOST_SECONDS, field


def test_a_larger_message_of_a_search_is_refused_unread(place: Place) -> None:
    metadata = bearer(place.tenant.tokens["viewer"])
    with grpc.insecure_channel(place.tenant.stack.grpc) as channel:
        message = b"\x0a\x00" * (MOST_SEARCH_BYTES // 2) + b"\x0a\x00"
        found = refused(channel.unary_unary(SEARCH), message, metadata=metadata)
    assert found.message == f"A search has at most {MOST_SEARCH_BYTES} bytes."
