"""Mail is handed in at real servers: secured, logged in, refused, slow and cut off."""

import asyncio
import ssl
from base64 import b64encode
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.delivering.addresses import Addresses
from services.mailing.servers import PLAIN, STARTTLS, TLS, Server, server_of_url
from services.mailing.signing import Key, signed
from services.mailing.talking import Envelope, Outcome, Result, Smtp, Waits
from tests.harness.wire.mail_server import mail_server
from tests.services.delivering.certificates import make_certificate

ENVELOPE = Envelope("a@ours.example", "b@theirs.example")
MESSAGE = (
    b"From: A <a@ours.example>\r\nTo: b@theirs.example\r\nSubject: A  long\r\n subject"
    b"\r\n\r\nFirst line \r\n.a dot\r\n\r\n\r\n"
)


def send(
    server: Server,
    *,
    tls: ssl.SSLContext | None = None,
    waits: Waits | None = None,
    going: list[str] | None = None,
    private: bool = True,
) -> Outcome:
    """Sends the message once."""
    smtp = Smtp(Addresses(allows_private=private), waits=waits)
    smtp._tls = tls

    async def goes() -> None:
        if going is not None:
            going.append("going")

    return asyncio.run(smtp.send(server, ENVELOPE, MESSAGE, goes))


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH"
)  # it does not see TLS from the start
@pytest.mark.parametrize("security", [TLS, STARTTLS])
def test_a_login_goes_by_tls_alone(security: int, tmp_path: Path) -> None:
    its = make_certificate(tmp_path / "server.pem", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(its)
    trusting = ssl.create_default_context(cafile=str(its))
    word = " pass word "
    is_later = security == STARTTLS
    with mail_server(tls=context, starts_tls=is_later, password=word) as told:
        given = "localhost", told.port, security, "robot"
        assert send(Server(*given, word), tls=trusting).result is Result.SENT
        assert told.took[0].login == "robot"
        assert told.took[0].content == MESSAGE
        wrong = send(Server(*given, word.strip()), tls=trusting)
        assert (wrong.result, wrong.reason) == (Result.LATER, "login_refused")
        unknown = send(Server(*given, word))
        assert (unknown.result, unknown.reason) == (Result.LATER, "certificate_invalid")
        assert len(told.took) == 1


def test_a_server_without_starttls_gets_nothing() -> None:
    with mail_server() as told:
        outcome = send(Server("127.0.0.1", told.port, STARTTLS, "robot", "secret"))
        assert outcome.result is Result.LATER
        assert not told.took
        assert not told.logins


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "result"),
    [("451 Try later", Result.LATER), ("550 No such box", Result.BOUNCED)],
)
def test_what_a_server_refuses(stage: str, answer: str, result: Result) -> None:
    going: list[str] = []
    with mail_server() as told:
        told.answers[stage] = answer
        outcome = send(Server("127.0.0.1", told.port, PLAIN), going=going)
        assert not told.took
    assert (outcome.result, outcome.stage) == (result, stage)
    assert outcome.code == int(answer[:3])
    assert going == (["going"] if stage == "data" else [])


@pytest.mark.parametrize(("cuts", "taken"), [("before", 0), ("after", 1)])
def test_a_cut_after_the_last_line_is_a_doubt(cuts: str, taken: int) -> None:
    with mail_server() as told:
        told.cuts = cuts
        outcome = send(Server("127.0.0.1", told.port, PLAIN))
        assert outcome.result is Result.UNCERTAIN
        assert len(told.took) == taken


def test_a_slow_server_is_left() -> None:
    with mail_server() as told:
        told.pause = 2.0
        waits = Waits(answer=30.0, whole=60.0, last=0.2)
        outcome = send(Server("127.0.0.1", told.port, PLAIN), waits=waits)
        assert (outcome.result, outcome.reason) == (Result.UNCERTAIN, "timeout")


def test_what_may_not_go_is_not_taken() -> None:
    class StopError(Exception):
        pass

    async def stops() -> None:
        raise StopError

    with mail_server() as told:
        smtp = Smtp(Addresses(allows_private=True))
        server = Server("127.0.0.1", told.port, PLAIN)
        with pytest.raises(StopError):
            asyncio.run(smtp.send(server, ENVELOPE, MESSAGE, stops))
        assert not told.took


def test_private_addresses_take_the_operators_leave() -> None:
    with mail_server() as told:
        server = Server("127.0.0.1", told.port, PLAIN)
        outcome = send(server, private=False)
        assert (outcome.result, outcome.reason) == (Result.LATER, "address_refused")
        its = server_of_url(f"smtp+plain://127.0.0.1:{told.port}")
        assert send(its, private=False).result is Result.SENT


def test_a_signature_is_right_for_another_program() -> None:
    private = rsa.generate_private_key(65537, 2048)
    key = Key("ours.example", "mail", private)
    message = signed(MESSAGE, key, 1_700_000_000)
    spki = private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + b64encode(spki)

    def verifies(mail: bytes) -> bool:
        return bool(dkim.verify(mail, dnsfunc=lambda *_, **__: record))

    assert verifies(message)
    assert not verifies(message.replace(b"First", b"Other"))
    assert not verifies(b"Subject: added\r\n" + message)
    assert not verifies(b"From: x@y.example\r\n" + message)
