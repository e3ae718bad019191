"""The address policy: where requests to webhooks may go.

A name is resolved once for a connection, each of its addresses is judged, and the
connection goes to one of those. The URL's own spelling is taken in one form only, so
that nothing reads it in another way than what connects.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address

from services.delivering.networks import may_reach

# A name that takes longer is as one that does not resolve.
RESOLVE_SECONDS = 5.0
# So many names are looked up at a time, each of them once: to send something, and to
# check URLs that are given. Nobody who gives slow names keeps others from sending.
_LOOK_UPS, _CHECKS = 256, 32
LONGEST_URL = 2_048

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>[0-9A-Za-z._-]+))"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?:[/?][!$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]*)?"
)
_LABEL = re.compile(r"[0-9A-Za-z_]([0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?")
# What some programs read as a part of an IPv4 address.
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_METADATA_HOSTS = frozenset(
    {"metadata", "instance-data", "metadata.google.internal", "metadata.goog"}
    | {
        "metadata.azure.internal",
        "metadata.tencentyun.com",
        "instance-data.ec2.internal",
    }
)
# Names of the machine itself (RFC 6761), whether its resolver knows them or not.
_LOCAL = re.compile(r"(?:.*\.)?localhost(?:\.localdomain)?")
_ELSEWHERE = "Its address is one that requests may not go to."
_PORTS = {"http": 80, "https": 443}

LookUp = Callable[[str], Awaitable[list[str]]]


class AddressRefused(Exception):
    """No request of a tenant may go to the address."""


class Addresses:
    """Judges URLs and addresses. One for each process.

    `allows_private`: the operator lets requests go to private and loopback addresses,
    and by plain HTTP. `own_ports` are those that the product listens on.
    """

    def __init__(
        self,
        *,
        allows_private: bool = False,
        own_ports: frozenset[int | None] = frozenset(),
        look_up: LookUp | None = None,
    ) -> None:
        self.allows_private, self._own_ports = allows_private, own_ports
        self._look_up = look_up or _Resolver(_LOOK_UPS, allows_private).look_up
        self._check_up = look_up or _Resolver(_CHECKS, allows_private).look_up
        self._looks: dict[str, asyncio.Future[list[str]]] = {}

    def place_of(self, url: str) -> tuple[str, int]:
        """The host and the port of a URL. Raises `AddressRefused`, with the reason."""
        found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
        if found is None:
            raise AddressRefused("Give a URL such as https://example.com/webhooks.")
        scheme = found["scheme"]
        if scheme == "http" and not self.allows_private:
            raise AddressRefused("Give a URL that begins with https://.")
        port = int(found["port"] or _PORTS[scheme])
        if port > 65_535:
            raise AddressRefused("The port is too large.")
        host = found["ipv6"] or found["name"]
        self.check_host(host, port)
        return host, port

    def check_host(self, host: str, port: int) -> None:
        """Judges the text of a host. Raises `AddressRefused`, with the reason."""
        _check_host(host, is_ipv6=":" in host)
        if _is_literal(host):
            self.judge(host, port)
        elif _LOCAL.fullmatch(host.lower()) and not self.allows_private:
            raise AddressRefused(_ELSEWHERE)

    def fault_in(self, url: str) -> str:
        """What is wrong with the text of a URL, "" if nothing is."""
        try:
            self.place_of(url)
        except AddressRefused as refused:
            return str(refused)
        return ""

    async def fault_of(self, url: str) -> str:
        """Why a webhook cannot have a URL, "" if it can.

        A name that does not resolve is no fault: it may once there is a server.
        """
        try:
            host, port = self.place_of(url)
        except AddressRefused as refused:
            return str(refused)
        return await self.fault_of_host(host, port)

    async def fault_of_host(self, host: str, port: int) -> str:
        """Why no request may go to a host, "" if one may; as `fault_of`."""
        try:
            self.check_host(host, port)
            if not _is_literal(host):
                await self.resolve(host, port, self._check_up)
        except AddressRefused as refused:
            return str(refused)
        except OSError:
            return ""
        return ""

    async def resolve(
        self, host: str, port: int, look_up: LookUp | None = None
    ) -> list[str]:
        """The addresses of a host, each judged.

        Raises `AddressRefused` if one of them is forbidden, and OSError if there is
        none.
        """
        looked = self._looks.get(host)
        if looked is None:
            found_by = (look_up or self._look_up)(host)
            looked = self._looks[host] = asyncio.ensure_future(found_by)
            looked.add_done_callback(lambda task: self._looked(host, task))
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await asyncio.shield(looked)
        if not found:
            raise OSError("The name has no address.")
        for address in found:
            self.judge(address, port)
        return found

    def _looked(self, host: str, looked: "asyncio.Future[list[str]]") -> None:
        del self._looks[host]
        if not looked.cancelled():
            looked.exception()  # who still waits is told of it

    def judge(self, address: str, port: int) -> None:
        """Raises `AddressRefused` if no request may go there."""
        allowed = may_reach(address, allows_private=self.allows_private)
        if not allowed or (port in self._own_ports and _is_own(address)):
            raise AddressRefused(_ELSEWHERE)


class _Resolver:
    """Looks names up by the system's resolver, in threads of its own.

    `has_networks`: names of the machine's own networks count, without their domain.
    """

    def __init__(self, threads: int, has_networks: bool) -> None:
        self._threads = ThreadPoolExecutor(threads, "resolve")
        # A dot at the end of a name keeps the domains of this machine out.
        self._end = "" if has_networks else "."

    async def look_up(self, host: str) -> list[str]:
        """All addresses of a name. Raises OSError."""
        loop, name = asyncio.get_running_loop(), f"{host}{self._end}".encode()
        found = await loop.run_in_executor(self._threads, _addresses_of, name)
        return list(dict.fromkeys(found))


def _addresses_of(name: bytes) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def _check_host(host: str, *, is_ipv6: bool) -> None:
    """Raises `AddressRefused` for what is no name and no address in its usual form."""
    if is_ipv6:
        try:
            IPv6Address(host)
        except ValueError:
            raise AddressRefused("The IPv6 address cannot be read.") from None
        return
    labels = host.split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise AddressRefused("Give the host as letters, digits, dots and hyphens.")
    if _NUMBER.fullmatch(labels[-1]) and not _is_ipv4(host):
        raise AddressRefused("Give an IPv4 address as four decimal numbers.")
    if host.lower() in _METADATA_HOSTS:
        raise AddressRefused(_ELSEWHERE)


def _is_literal(host: str) -> bool:
    return ":" in host or _is_ipv4(host)


def _is_ipv4(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _is_own(address: str) -> bool:
    """Whether an address is one of this machine: only such can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as own:
        try:
            own.bind((address, 0))
        except OSError:
            return False
    return True
