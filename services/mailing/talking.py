"""Hands one mail in at a server by SMTP (RFC 5321), and says what came of it.

Every wait is bounded. The message goes but for its last line, which ends it; then
`going` is asked, and only after it has answered does that line go.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import cast

import aiosmtplib
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings

from services.delivering.addresses import Addresses, AddressRefused
from services.mailing.servers import STARTTLS, TLS, Server

MOST_ANSWER = 500
_END, _MOST_ADDRESSES = b".\r\n", 3
_LOOK_SECONDS = 0.01  # so often is looked whether a whole mail is on its way

# Why an attempt came to no answer of the server.
ADDRESS_REFUSED, TIMEOUT = "address_refused", "timeout"
NAME_UNKNOWN, CERTIFICATE = "name_not_found", "certificate_invalid"
CONNECTION = "connection_failed"
LOGIN, ANSWERED = "login_refused", "server_answered"
ADDRESS = "address_not_supported"


@dataclass(frozen=True, slots=True)
class Waits:
    """Bounds in seconds: of each answer, of all before the last line, of its answer."""

    answer: float = 30.0
    whole: float = 120.0
    last: float = 120.0


class Result(Enum):
    """What came of an attempt."""

    SENT = 1
    LATER = 2
    BOUNCED = 3
    UNCERTAIN = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt, and why. `stage` is how far it came."""

    result: Result
    reason: str = ""
    code: int = 0
    answer: str = ""
    stage: str = "connect"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a mail comes from, and where it goes."""

    sender: str
    recipient: str


Going = Callable[[], Awaitable[None]]


class Smtp:
    """Talks to mail servers. One for each process."""

    def __init__(
        self,
        addresses: Addresses,
        *,
        name: str = "localhost",
        waits: Waits | None = None,
    ) -> None:
        self._addresses, self._name = addresses, name
        self._waits = waits or Waits()
        self._tls: ssl.SSLContext | None = None

    async def send(
        self, server: Server, envelope: Envelope, message: bytes, going: Going
    ) -> Outcome:
        """Hands a mail in. Raises only what `going` raises; then it was not sent."""
        talk = _Talk(self._waits)
        try:
            async with asyncio.timeout(self._waits.whole) as whole:
                await talk.connect(await self._open(server), server, self._context())
                await talk.begin(envelope, message)
                whole.reschedule(None)
                talk.stage = "going"
                await going()
                talk.stage = "data"
        except Exception as error:
            talk.close()
            if talk.stage == "going":
                raise
            return _failed(error, talk.stage)
        except BaseException:
            talk.close()
            raise
        return await talk.end()

    async def check(self, server: Server) -> Outcome:
        """Connects and logs in."""
        talk, outcome = _Talk(self._waits), Outcome(Result.SENT)
        try:
            async with asyncio.timeout(self._waits.whole):
                await talk.connect(await self._open(server), server, self._context())
        except Exception as error:
            outcome = _failed(error, talk.stage)
        talk.close()
        return outcome

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def _open(self, server: Server) -> socket.socket:
        """A connection to one of the server's addresses, each of which was judged."""
        loop, seconds = asyncio.get_running_loop(), self._waits.answer
        if server.is_trusted:
            found = await loop.getaddrinfo(
                server.host, server.port, type=socket.SOCK_STREAM
            )
            places = [str(each[4][0]) for each in found]
        else:
            self._addresses.check_host(server.host, server.port)
            places = await self._addresses.resolve(server.host, server.port)
        failed = OSError("there is no address")
        for place in places[:_MOST_ADDRESSES]:
            family = socket.AF_INET6 if ":" in place else socket.AF_INET
            if not server.is_trusted:
                self._addresses.judge(place, server.port)
            opened = socket.socket(family, socket.SOCK_STREAM)
            opened.setblocking(False)
            try:
                async with asyncio.timeout(seconds):
                    await loop.sock_connect(opened, (place, server.port))
            except OSError as error:
                opened.close()
                failed = error
            except BaseException:
                opened.close()
                raise
            else:
                return opened
        raise failed


class _Talk:  # with one server, about one mail
    def __init__(self, waits: Waits) -> None:
        self._waits, self.stage = waits, "connect"
        self._client: aiosmtplib.SMTP | None = None

    async def connect(
        self, opened: socket.socket, server: Server, tls: ssl.SSLContext
    ) -> None:
        """Says hello, secures the connection, and logs in."""
        self._client = client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=opened,
            local_hostname="localhost",
            timeout=self._waits.answer,
            use_tls=server.security == TLS,
            start_tls=False,
            tls_context=tls,
        )
        try:
            await client.connect()
        except BaseException:
            opened.close()  # nobody else has it
            raise
        await client.ehlo()
        if server.security == STARTTLS:
            plain = cast("asyncio.Transport", client.transport)
            try:
                await client.starttls(server_hostname=server.host, tls_context=tls)
            except BaseException:
                plain.abort()  # the client has let go of it
                raise
            await client.ehlo()
        if server.username:
            self.stage = "login"
            await client.login(server.username, server.password)

    async def begin(self, envelope: Envelope, message: bytes) -> None:
        """Hands in the whole mail but for the line that ends it."""
        client = self._client
        assert client is not None  # noqa: S101 - it is connected
        given = (envelope.sender, envelope.recipient)
        options, encoding = None, "ascii"
        if not all(map(str.isascii, given)):
            if not client.supports_extension("smtputf8"):
                raise _NotSupportedError
            options, encoding = ["SMTPUTF8"], "utf-8"
        self.stage = "mail"
        await client.mail(envelope.sender, options=options, encoding=encoding)
        self.stage = "rcpt"
        await client.rcpt(envelope.recipient, encoding=encoding)
        self.stage = "data"
        begun = await client.execute_command(b"DATA")
        if begun.code != aiosmtplib.SMTPStatus.start_input:
            raise aiosmtplib.SMTPDataError(begun.code, begun.message)
        protocol = client.protocol
        assert protocol is not None  # noqa: S101 - it is connected
        transport = cast("asyncio.WriteTransport", client.transport)
        body = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(message))
        protocol.write(body)
        while client.is_connected and transport.get_write_buffer_size():  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)  # nothing tells of it
        if not client.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")

    async def end(self) -> Outcome:
        """Ends the mail. From here on a doubt is a doubt."""
        client = self._client
        try:
            protocol = client and client.protocol
            if not protocol:
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
            protocol.write(_END)
            told = await protocol.read_response(timeout=self._waits.last)
        except Exception as error:
            self.close()
            return Outcome(Result.UNCERTAIN, _reason(error), stage="data")
        except BaseException:
            self.close()
            raise
        with suppress(Exception):
            await self.leave()
        self.close()
        return _answered(told.code, told.message, "data")

    async def leave(self) -> None:
        """Says goodbye."""
        if self._client is not None:
            async with asyncio.timeout(5.0):
                await self._client.quit()

    def close(self) -> None:
        """Ends the connection at once, without a goodbye of TLS."""
        if self._client is not None and self._client.transport is not None:
            cast("asyncio.Transport", self._client.transport).abort()


class _NotSupportedError(Exception):
    """The server takes no addresses beyond ASCII."""


def _answered(code: int, text: str, stage: str) -> Outcome:
    """What an answer of the server means for the mail."""
    answer = text.encode("utf-8", "replace").decode("utf-8", "replace")
    answer = answer.replace("\0", "")[:MOST_ANSWER]
    classes = {2: Result.SENT, 4: Result.LATER, 5: Result.BOUNCED}
    result = classes.get(code // 100, Result.UNCERTAIN)
    return Outcome(
        result, ANSWERED if result is not Result.SENT else "", code, answer, stage
    )


def _failed(error: Exception, stage: str) -> Outcome:
    """What an error before the last line means: the mail was not sent."""
    if isinstance(error, _NotSupportedError):
        return Outcome(Result.BOUNCED, ADDRESS, stage="rcpt")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        told = _answered(error.code, error.message, stage)
        is_last = told.result is Result.BOUNCED and stage in ("mail", "rcpt", "data")
        if is_last:
            return told
        reason = LOGIN if stage == "login" else ANSWERED
        return Outcome(Result.LATER, reason, max(error.code, 0), told.answer, stage)
    is_lost = isinstance(error, TimeoutError | ConnectionError)
    if stage == "login" and isinstance(error, aiosmtplib.SMTPException) and not is_lost:
        return Outcome(Result.LATER, LOGIN, stage=stage)
    return Outcome(Result.LATER, _reason(error), stage=stage)


def _reason(error: BaseException) -> str:
    """The reason of an attempt without an answer, as clients read it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AddressRefused):
            return ADDRESS_REFUSED
        if isinstance(seen, (ssl.SSLCertVerificationError, ssl.CertificateError)):
            return CERTIFICATE
        if isinstance(seen, TimeoutError):
            return TIMEOUT
        if isinstance(seen, socket.gaierror):
            return NAME_UNKNOWN
        seen = seen.__cause__ or seen.__context__
    return CONNECTION
