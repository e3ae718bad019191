"""The edge on a socket: the order of its gates, and what every answer carries."""

import io

import orjson
from structlog.testing import capture_logs

from tests.edge.served import HEADERS, JSON, Answer, Served, check_problem, run


def test_reads_and_writes() -> None:
    async def scenario(edge: Served) -> None:
        got = await edge.ask("GET", "/v1/contacts/con_1")
        assert (got.status, got.json["name"]) == (200, "Ann")
        assert got.headers["ETag"] == '"7"'
        made = await edge.ask("POST", "/v1/contacts", headers=JSON, data=b"{}")
        assert made.status == 201
        assert made.headers["Location"] == "/v1/contacts/con_new"
        assert "Idempotent-Replayed" not in made.headers
        gone = await edge.ask("DELETE", "/v1/contacts/con_1", data=b"ignored")
        assert (gone.status, gone.text) == (204, b"")
        assert "X-RateLimit-Remaining" in gone.headers
        path = "/v1/contacts/con_1/tags/a%2Fb%20%C3%A9"
        assert (await edge.ask("DELETE", path)).status == 200
        assert edge.contacts.seen[-1][0].tag == "a/b é"
        assert (await edge.ask("GET", "/v1/contacts/%FF")).status == 404

    run(scenario)


def test_the_first_gate_that_fails_answers() -> None:
    """Each request mends the fault that stopped the one before."""

    async def scenario(edge: Served) -> None:
        large = b"[" * (1024 * 1024 + 1)
        path, headers = "/v1/contacts?x=1", {"Idempotency-Key": "a b"}

        async def ask(body: bytes = large) -> Answer:
            stream = io.BytesIO(body)
            return await edge.ask("POST", path, headers=headers, data=stream)

        check_problem(await edge.ask("PUT", path), 405, "method-not-allowed")
        check_problem(await ask(), 401, "unauthorized")
        headers["Authorization"] = "Bearer reader"
        check_problem(await ask(), 400, "bad-request")
        headers["Version"] = "2026-11-01"
        denied = await ask()
        check_problem(denied, 403, "forbidden")
        assert denied.json["refused_by"] == "scope"
        await ask()
        check_problem(await ask(), 429, "rate-limited")
        headers["Authorization"] = "Bearer role"
        assert (await ask()).json["refused_by"] == "role"
        headers["Authorization"] = "Bearer good"
        assert "Idempotency-Key" in (await ask()).json["detail"]
        headers["Idempotency-Key"] = "k"
        assert "'x'" in (await ask()).json["detail"]
        path = "/v1/contacts"
        check_problem(await ask(), 413, "payload-too-large")
        check_problem(await ask(b"["), 415, "unsupported-media-type")
        headers["Content-Type"] = "application/merge-patch+JSON; charset=utf-8"
        check_problem(await ask(b"["), 400, "bad-request")
        check_problem(await ask(b"[]"), 422, "validation")
        assert (await ask(b"{}")).status == 201

    run(scenario)


def test_the_challenge_names_the_metadata() -> None:
    async def scenario(edge: Served) -> None:
        metadata = "https://api.example/.well-known/oauth-protected-resource/v1"
        missing = await edge.ask("GET", "/v1/me", headers={})
        assert missing.headers["WWW-Authenticate"] == (
            f'Bearer realm="ProspectConnect", resource_metadata="{metadata}"'
        )
        headers = {**HEADERS, "Authorization": "Bearer unknown"}
        unknown = await edge.ask("GET", "/v1/me", headers=headers)
        check_problem(unknown, 401, "unauthorized")
        assert 'error="invalid_token"' in unknown.headers["WWW-Authenticate"]
        assert "X-RateLimit-Limit" not in unknown.headers

    run(scenario, public_url="https://api.example/")


def test_faults_of_both_sides_come_in_one_answer() -> None:
    async def scenario(edge: Served) -> None:
        body = orjson.dumps({"email": 5, "nope": 1, "first_name": "Ann"})
        answer = await edge.ask("POST", "/v1/contacts", headers=JSON, data=body)
        check_problem(answer, 422, "validation")
        codes = {each["field"]: each["code"] for each in answer.json["errors"]}
        # What the services say of a field that could not be read is dropped.
        assert codes == {
            "email": "invalid_type",
            "nope": "unknown_field",
            "phone": "too_long",
        }
        assert answer.json["detail"] == "3 fields failed validation."
        request, metadata = edge.contacts.seen[-1]
        assert metadata["x-faulty-fields"] == '["contact.email"]'
        assert request.contact.first_name == "Ann"
        body = b'{"email": "bad"}'
        answer = await edge.ask("POST", "/v1/contacts", headers=JSON, data=body)
        assert [each["field"] for each in answer.json["errors"]] == ["email", "phone"]

    run(scenario)


def test_preconditions() -> None:
    async def scenario(edge: Served) -> None:
        path = "/v1/contacts/con_1"
        same = await edge.ask("GET", path, headers={**HEADERS, "If-None-Match": '"7"'})
        assert (same.status, same.text, same.headers["ETag"]) == (304, b"", '"7"')
        stale = await edge.ask("GET", path, headers={**HEADERS, "If-Match": '"6"'})
        check_problem(stale, 412, "precondition-failed")
        headers = {**JSON, "If-Match": '"6", "7"'}
        await edge.ask("PATCH", path, headers=headers, data=b'{"email": null}')
        request, _ = edge.contacts.seen[-1]
        assert request.etag == "6,7"
        assert request.update_mask.paths == ["email"]

    run(scenario)


def test_idempotency_keys_go_through_where_they_count() -> None:
    async def scenario(edge: Served) -> None:
        headers = {**JSON, "Idempotency-Key": "again"}
        answer = await edge.ask("POST", "/v1/contacts", headers=headers, data=b"{}")
        assert answer.headers["Idempotent-Replayed"] == "true"
        headers["Idempotency-Key"] = "not a key, and nobody minds"
        body = b'{"email": null}'
        path = "/v1/contacts/con_1"
        assert (await edge.ask("PATCH", path, headers=headers, data=body)).status == 200
        assert "idempotency-key" not in edge.contacts.seen[-1][1]

    run(scenario)


def test_each_contract_has_the_total_its_own_way() -> None:
    async def scenario(edge: Served) -> None:
        path = "/v1/contacts/search"
        old = await edge.ask("POST", path, headers=JSON)
        assert old.json["meta"] == {
            "cursor": {"next": None, "has_more": False},
            "total": 3,
        }
        headers = {**JSON, "Version": "2026-11-01"}
        new = await edge.ask("POST", path, headers=headers, data=b"{}")
        assert "total" not in new.json["meta"]

    run(scenario)


def test_a_trace_is_continued_to_the_services() -> None:
    async def scenario(edge: Served) -> None:
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        headers = {**HEADERS, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        answer = await edge.ask("GET", "/v1/contacts/con_none", headers=headers)
        check_problem(answer, 404, "not-found")
        assert answer.json["trace_id"] == trace
        metadata = edge.contacts.seen[-1][1]
        assert metadata["traceparent"].startswith(f"00-{trace}-")
        assert metadata["authorization"] == "Bearer good"

    run(scenario)


def test_me_tells_what_is_left() -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("GET", "/v1/me")
        limit = answer.json["rate_limit"]
        assert str(limit["remaining"]) == answer.headers["X-RateLimit-Remaining"]
        assert str(limit["reset"]) == answer.headers["X-RateLimit-Reset"]

    run(scenario)


def test_each_request_is_logged() -> None:
    async def scenario(edge: Served) -> None:
        with capture_logs() as logs:
            await edge.ask("GET", "/v1/contacts/con_1?secret=1")
            await edge.ask("GET", "/v1/nothing")
        assert [entry["status"] for entry in logs] == [400, 404]
        assert logs[0]["route"] == "/v1/contacts/{id}"
        assert "secret" not in str(logs)

    run(scenario, log_requests=True)
