"""A request has one outcome for all that endpoints do, and its cost is bounded."""

import asyncio
import base64
import ssl
import time
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.delivering import sending
from services.delivering.addresses import Addresses
from services.delivering.sending import Outcome, Sender
from services.delivering.signing import key_of, signed
from tests.services.delivering import endpoints
from tests.services.delivering.certificates import make_certificate
from tests.services.delivering.endpoints import Answering, Endpoint, serving
from tests.services.delivering.spellings import names

BODY = b'{"type":"contact.created"}'


def send(answer: Answering, *, seconds: float = 60, times: int = 1) -> list[Outcome]:
    outcomes, _ = _send(answer, seconds, times)
    return outcomes


def _send(
    answer: Answering, seconds: float, times: int
) -> tuple[list[Outcome], Endpoint]:
    async def scenario() -> tuple[list[Outcome], Endpoint]:
        async with serving(answer) as endpoint:
            sender = Sender(Addresses(allows_private=True), seconds=seconds)
            url = f"http://127.0.0.1:{endpoint.port}/in?b=%2f"
            try:
                found = [await sender.send(url, {}, BODY) for _ in range(times)]
            finally:
                await sender.close()
            return found, endpoint

    return asyncio.run(scenario())


@pytest.mark.parametrize("code", [200, 201, 204, 299])
def test_each_2xx_is_a_success(code: int) -> None:
    (outcome,) = send(endpoints.status(code))
    assert outcome.is_success
    assert (outcome.status, outcome.error) == (code, "")


@pytest.mark.parametrize("code", [301, 307, 308, 400, 404, 410, 429, 500, 503])
def test_nothing_else_is_and_redirects_are_not_followed(code: int) -> None:
    answer = endpoints.status(code, "Location: http://127.0.0.1:1/")
    outcomes, endpoint = _send(answer, 60, 1)
    assert not outcomes[0].is_success
    assert outcomes[0].status == code
    assert len(endpoint.received) == 1


def test_connections_are_used_again_and_bodies_arrive() -> None:
    outcomes, endpoint = _send(endpoints.answers(endpoints.OK), 60, 10)
    assert {each.answer for each in outcomes} == {"ok"}
    assert endpoint.connections == 1
    assert {each.body for each in endpoint.received} == {BODY}
    assert "cookie" not in endpoint.received[-1].headers


def test_an_endpoint_that_does_not_answer_costs_the_time_of_an_attempt() -> None:
    (outcome,) = send(endpoints.never, seconds=0.2)
    assert outcome.error == sending.TIMEOUT
    assert outcome.duration_ms >= 200


def test_a_reset_is_a_failure() -> None:
    assert send(endpoints.resets)[0].error == sending.CONNECTION


def test_nobody_listens() -> None:
    async def scenario() -> Outcome:
        sender = Sender(Addresses(allows_private=True))
        try:
            return await sender.send("http://127.0.0.1:1/", {}, BODY)
        finally:
            await sender.close()

    assert asyncio.run(scenario()).error == sending.CONNECTION


def test_of_an_endless_body_a_kibibyte_is_read() -> None:
    began = time.monotonic()
    (outcome,) = send(endpoints.endless_body)
    assert outcome.is_success
    assert outcome.answer == "x" * sending.MOST_ANSWER
    assert time.monotonic() - began < 60, "it was read until the time was over"


def test_a_body_that_drips_is_not_waited_for() -> None:
    (outcome,) = send(endpoints.dripping_body)
    assert outcome.is_success
    assert outcome.answer == "x"
    assert outcome.duration_ms < 60_000


def test_an_endless_head_is_given_up() -> None:
    (outcome,) = send(endpoints.endless_head)
    assert (outcome.status, outcome.error) == (0, sending.UNREADABLE)


@pytest.mark.parametrize(
    "text", [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_is_no_answer_is_a_failure(text: bytes) -> None:
    assert send(endpoints.answers(text))[0].error == sending.UNREADABLE


def test_the_pause_that_an_endpoint_asks_for_is_told() -> None:
    (outcome,) = send(endpoints.status(429, "Retry-After: 120"))
    assert outcome.retry_after == 120
    (outcome,) = send(
        endpoints.status(503, "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT")
    )
    assert outcome.retry_after == 0
    (outcome,) = send(endpoints.status(503, "Retry-After: soon"))
    assert outcome.retry_after is None


def test_answers_that_are_no_text_can_be_stored() -> None:
    text = b"HTTP/1.1 500 So\r\nContent-Length: 4\r\n\r\na\0\xff\xfe"
    (outcome,) = send(endpoints.answers(text))
    assert outcome.answer == "a\ufffd\ufffd\ufffd"


def test_certificates_are_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = make_certificate(tmp_path / "known.pem", "localhost")
    unknown = make_certificate(tmp_path / "unknown.pem", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(known))

    async def outcome(certificate: Path, host: str) -> Outcome:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
        async with serving(endpoints.answers(endpoints.OK), tls) as endpoint:
            look_up = names(localhost=["127.0.0.1"], other=["127.0.0.1"])
            policy = Addresses(allows_private=True, look_up=look_up)
            sender = Sender(policy, seconds=60)
            try:
                return await sender.send(f"https://{host}:{endpoint.port}/", {}, BODY)
            finally:
                await sender.close()

    assert asyncio.run(outcome(known, "localhost")).is_success
    assert asyncio.run(outcome(unknown, "localhost")).error == sending.CERTIFICATE
    # It is for another name than that of the URL.
    assert asyncio.run(outcome(known, "other.example")).error == sending.CERTIFICATE
    assert asyncio.run(outcome(known, "127.0.0.1")).error == sending.CERTIFICATE


def test_published_libraries_verify_what_is_signed() -> None:
    old, new = (
        f"whsec_{base64.b64encode(each * 24).decode()}" for each in (b"a", b"b")
    )
    seconds = int(time.time())
    headers = signed(map(key_of, (new, old)), "chg_1", seconds, BODY)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        found = Webhook(secret).verify(BODY, headers)
        assert found == {"type": "contact.created"}
    other = "whsec_" + base64.b64encode(b"c" * 24).decode()
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + b" ", headers)
    late = {**headers, "webhook-timestamp": str(seconds - 600)}
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY, late)
