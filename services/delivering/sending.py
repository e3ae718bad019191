"""Sends one request to an endpoint, and says what came back.

Nothing that an endpoint answers costs more than a bounded time and memory: the head of
an answer is bounded, and of its body 1 KiB is read.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from services.delivering.addresses import Addresses, AddressRefused
from services.delivering.plan import read_retry_after

SECONDS = 15.0
MOST_ANSWER = 1_024
# A slow body holds a request no longer than this: its status is known by then.
_BODY_SECONDS = 2.0
_MOST_LINE, _MOST_HEADERS = 4_096, 64
_KEEP_SECONDS = 15.0
_NEVER_SENT = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")

# What an attempt without an answer says.
ADDRESS_REFUSED = "address_refused"
TIMEOUT = "timeout"
NAME_UNKNOWN = "name_not_found"
CERTIFICATE = "certificate_invalid"
CONNECTION = "connection_failed"
UNREADABLE = "answer_invalid"
NOT_MADE = "request_failed"  # by a fault of ours


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    `status` is 0 without an answer; `error` then says why. `answer` is the beginning of
    the answer's body. `retry_after` are the seconds that it asks to wait.
    """

    status: int = 0
    duration_ms: int = 0
    answer: str = ""
    error: str = ""
    retry_after: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Sender:
    """Sends requests. One for each process, until `close`."""

    def __init__(self, addresses: Addresses, *, seconds: float = SECONDS) -> None:
        self._addresses, self._seconds = addresses, seconds
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """The session, made when it is first used: most processes send nothing."""
        if self._session is None:
            self._session = self._open()
        return self._session

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=_Judged(self._addresses),
            use_dns_cache=False,
            socket_factory=self._socket,
            ssl=ssl.create_default_context(),
            limit=0,  # of how many there may be at once the webhooks take care
            keepalive_timeout=_KEEP_SECONDS,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=_NEVER_SENT,
            max_line_size=_MOST_LINE,
            max_field_size=_MOST_LINE,
            max_headers=_MOST_HEADERS,
            read_bufsize=16 * MOST_ANSWER,
        )

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Posts a body. Never raises for anything that an endpoint does."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                self._addresses.place_of(url)
                outcome = await self._post(url, headers, body)
        except Exception as error:
            outcome = Outcome(error=_told(error))
        took = round((time.monotonic() - began) * 1_000)
        return Outcome(
            outcome.status, took, outcome.answer, outcome.error, outcome.retry_after
        )

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        request = self._opened().post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        )
        async with request as response:
            answer = await _beginning(response)
            asked = response.headers.get("Retry-After", "")
            return Outcome(
                status=response.status,
                answer=answer.decode("utf-8", "replace").replace(
                    "\0", "\N{REPLACEMENT CHARACTER}"
                ),
                retry_after=read_retry_after(asked, time.time()),
            )

    def _socket(self, place: tuple[Any, ...]) -> socket.socket:
        """A socket for an address, which is judged again: nothing else connects."""
        family, kind, protocol, _, address = place
        self._addresses.judge(address[0], address[1])
        return socket.socket(family, kind, protocol)


class _Judged(AbstractResolver):
    """Resolves names to addresses that were judged."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in await self._addresses.resolve(host, port)
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """The first KiB of an answer. Its connection is closed if more follows."""
    found = b""
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(_BODY_SECONDS):
            while len(found) <= MOST_ANSWER:
                part = await response.content.read(MOST_ANSWER + 1 - len(found))
                if not part:
                    return found
                found += part
    response.close()
    return found[:MOST_ANSWER]


def _told(error: Exception) -> str:
    """The error of an attempt as clients read it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AddressRefused):
            return ADDRESS_REFUSED
        if isinstance(seen, (ssl.SSLCertVerificationError, ssl.CertificateError)):
            return CERTIFICATE
        if isinstance(seen, TimeoutError):
            return TIMEOUT
        if isinstance(seen, (socket.gaierror, aiohttp.ClientConnectorDNSError)):
            return NAME_UNKNOWN
        if isinstance(seen, aiohttp.ClientResponseError):
            return UNREADABLE
        seen = seen.__cause__ or seen.__context__
    return CONNECTION
