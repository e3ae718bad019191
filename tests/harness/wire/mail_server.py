"""A mail server of tests: it keeps what it takes, and answers as it is told."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has taken."""

    sender: str
    recipient: str
    content: bytes
    login: str

    @property
    def message(self) -> Message:
        return message_from_bytes(self.content, policy=default)

    @property
    def text(self) -> str:
        body: Any = self.message
        return str(body.get_body(("plain",)).get_content())


@dataclass(slots=True)
class MailServer:
    """What it does: `answers` holds what it says instead of 250, by the stage.

    `cuts`: it ends the connection instead of the answer to the data: `before` or
    `after` it has taken the mail. `pause` are the seconds before it answers to data.
    """

    port: int = 0
    took: list[Taken] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    cuts: str = ""
    pause: float = 0.0
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(
        self, is_so: Callable[[list[Taken]], bool], seconds: float = 60
    ) -> None:
        """Waits until something is so of the mail that it took."""
        with self.came:
            assert self.came.wait_for(lambda: is_so(self.took), seconds), self.took


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._server.answers.get("mail", "250 OK")

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        said = self._server.answers.get("rcpt", "250 OK")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        told = self._server
        if told.pause:
            await asyncio.sleep(told.pause)
        if told.cuts == "before":
            server.transport.abort()
            return ""
        said = told.answers.get("data", "250 OK")
        if said.startswith("2"):
            login = session.auth_data or ""
            taken = Taken(
                envelope.mail_from, envelope.rcpt_tos[0], envelope.content, login
            )
            with told.came:
                told.took.append(taken)
                told.came.notify_all()
        if told.cuts == "after":
            server.transport.abort()
            return ""
        return said


def _sockets(server: Any) -> Any:
    return server.sockets


class _Controller(Controller):
    """A controller whose port the system has chosen."""

    def _trigger_server(self) -> None:
        place = _sockets(self.server)[0].getsockname()
        socket.create_connection(place[:2], 10).close()


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, starts_tls: bool = False, password: str = ""
) -> Iterator[MailServer]:
    """A mail server on a port of its own; with a password it takes no other login."""
    told = MailServer()

    def authenticate(
        _: Any, __: Any, ___: Any, mechanism: str, data: Any
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        name, given = data.login.decode(), data.password.decode()
        told.logins.append((name, given))
        if given != password:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=name)

    options: dict[str, Any] = {}
    if password:
        options |= {"authenticator": authenticate, "auth_required": True}
        options |= {"auth_require_tls": starts_tls}
    if starts_tls:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = _Controller(
        _Handler(told),
        hostname="127.0.0.1",
        port=0,
        ready_timeout=60,
        ssl_context=None if starts_tls else tls,
        **options,
    )
    controller.start()
    told.port = _sockets(controller.server)[0].getsockname()[1]
    try:
        yield told
    finally:
        controller.stop()
