"""Traces: one request is one tree, from HTTP over gRPC down to SQL."""

from contextlib import closing

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests import stacks
from tests.harness.wire.spans import Collector, attributes, collecting
from tests.stacks import TOPOLOGIES
from tests.world import Tenant, new_tenant

CALLER = "00f067aa0ba902b7"
SEARCH = "11112222333344445555666677778888"
MISSING = "21112222333344445555666677778888"
UNSAMPLED = "31112222333344445555666677778888"
WRITTEN = "41112222333344445555666677778888"

SEARCH_CONTACTS = "prospectconnect.crm.v1.ContactService/SearchContacts"
SECRET = "A private word"


@pytest.fixture(scope="module", params=TOPOLOGIES)
def collected(request: pytest.FixtureRequest, database_url: str) -> Collector:
    """What a collector has been sent of a few requests, when all is over."""
    with collecting() as collector:
        env = {
            "PROSPECTCONNECT_OTLP_ENDPOINT": collector.url,
            "PROSPECTCONNECT_TRACE_SHARE": "0",
        }
        with stacks.running(request.param, database_url, env) as stack:
            ask(new_tenant(stack))
    return collector


def ask(tenant: Tenant) -> None:
    """The requests, each in a trace of its own."""
    with closing(tenant.client()) as client:

        def parent(trace_id: str, flags: str = "01") -> dict[str, str]:
            return {"traceparent": f"00-{trace_id}-{CALLER}-{flags}"}

        client.get("/me")
        search = {"search_text": SECRET}
        client.post("/contacts/search", search, **parent(SEARCH))
        client.post("/contacts/search", search, **parent(UNSAMPLED, "00"))
        client.get("/contacts/con_000000000000000000000000", **parent(MISSING))
        made = {"first_name": SECRET, "email": "ada@engine.example"}
        client.create("/contacts", made, **parent(WRITTEN))


def ids(span: Span) -> tuple[str, str]:
    return span.span_id.hex(), span.parent_span_id.hex()


def test_a_request_is_a_tree(collected: Collector) -> None:
    spans = collected.of(SEARCH)
    (http,) = (each for each in spans if ids(each)[1] == CALLER)
    (grpc,) = (each for each in spans if each.name == SEARCH_CONTACTS)
    (sql, *_) = (each for each in spans if ids(each)[1] == ids(grpc)[0])
    assert ids(grpc)[1] == ids(http)[0]
    assert http.name == "POST /v1/contacts/search"
    assert sql.name == "SELECT"
    assert (http.kind, sql.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert attributes(http)["http.response.status_code"] == 200
    assert attributes(sql)["db.system.name"] == "postgresql"
    for inner, outer in ((grpc, http), (sql, grpc)):
        assert outer.start_time_unix_nano <= inner.start_time_unix_nano + 1_000_000
        assert inner.end_time_unix_nano <= outer.end_time_unix_nano + 1_000_000


def test_what_the_client_did_wrong_is_no_failure(collected: Collector) -> None:
    spans = collected.of(MISSING)
    assert attributes(spans[0])["http.response.status_code"] == 404
    assert all(span.status.code == Status.STATUS_CODE_UNSET for span in spans)
    code = [attributes(each).get("rpc.grpc.status_code") for each in spans]
    assert 5 in code  # NOT_FOUND


def test_only_what_its_caller_samples_is_kept(collected: Collector) -> None:
    assert not collected.of(UNSAMPLED)
    known = {SEARCH, MISSING, WRITTEN}
    assert {span.trace_id.hex() for span in collected.spans} == known


def test_spans_hold_no_values(collected: Collector) -> None:
    assert len(collected.of(WRITTEN)) >= 3
    assert SECRET not in str(collected.spans)


def test_traces_that_begin_here_are_sampled_by_their_share(database_url: str) -> None:
    with collecting() as collector:
        env = {"PROSPECTCONNECT_OTLP_ENDPOINT": collector.url}
        with stacks.running("together", database_url, env) as stack:
            tenant = new_tenant(stack)
            with closing(tenant.client()) as client:
                trace_id = client.get("/me").headers["x-trace-id"]
    assert any(span.name == "GET /v1/me" for span in collector.of(trace_id))


def test_a_collector_that_is_away_harms_nobody(database_url: str) -> None:
    env = {"PROSPECTCONNECT_OTLP_ENDPOINT": "http://127.0.0.1:9/v1/traces"}
    with (
        stacks.running("together", database_url, env) as stack,
        closing(new_tenant(stack).client()) as client,
    ):
        assert client.get("/me").status == 200
