"""A mail server that keeps what it takes, and refuses what it is told to refuse."""

import asyncio
import email.message
import email.policy
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that the server took: to whom it goes, and what it is.

    Its address was named at `since`, and its last line came at `at`.
    """

    to: str
    message: email.message.EmailMessage
    since: float
    at: float

    @property
    def id(self) -> str:
        """The id of the e-mail, which its Message-ID begins with."""
        return str(self.message["Message-ID"]).strip("<> ").partition("@")[0]


@dataclass(slots=True)
class PostOffice:
    """What a server has taken, and how it answers.

    `at_address` answers RCPT, `at_end` the last line of a message; None: it takes it.
    `on_end` is called before that answer.
    """

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    at_address: Callable[[str], str | None] = lambda _: None
    at_end: Callable[[str], str | None] = lambda _: None
    on_end: Callable[[str], None] = lambda _: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def to(self, address: str) -> list[Letter]:
        """The mail to an address."""
        with self.lock:
            return [each for each in self.letters if each.to == address]

    def count(self) -> int:
        """How much mail came."""
        with self.lock:
            return len(self.letters)

    async def handle_RCPT(
        self, _: Any, __: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if (refused := self.at_address(address)) is not None:
            return refused
        envelope.rcpt_tos.append(address)
        envelope.since = time.monotonic()
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        (address,), at = envelope.rcpt_tos, time.monotonic()
        self.on_end(address)
        if (refused := self.at_end(address)) is not None:
            return refused
        message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )
        assert isinstance(message, email.message.EmailMessage)
        with self.lock:
            self.letters.append(Letter(address, message, envelope.since, at))
        return "250 2.0.0 taken"


class _Controller(Controller):
    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # as it came

    def factory(self) -> SMTP:
        return SMTP(self.handler, enable_SMTPUTF8=True, hostname="post.example")


@contextmanager
def opened() -> Iterator[PostOffice]:
    """A mail server on a free port of this machine."""
    office = PostOffice()
    controller = _Controller(office, hostname="127.0.0.1", port=0, ready_timeout=30)
    controller.start()
    try:
        office.port = controller.port
        yield office
    finally:
        controller.stop()
