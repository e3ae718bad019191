"""TLS for what this program serves, and on the way from an edge to its services.

Certificates and keys are files in PEM. New ones are taken for new connections within a
second, without a restart; while they cannot be read, the old ones stay.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog

from deploy.errors import SettingsError

_log = structlog.get_logger()

HANDSHAKE_SECONDS = 10.0
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a side says that it is: its certificate, with those between, and its key."""

    certificate: Path
    key: Path

    def stamp(self) -> tuple[int, int]:
        """Differs once the files have changed. Raises OSError."""
        return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns

    def read(self) -> tuple[bytes, bytes]:
        """The key and the certificate, as gRPC takes them. Raises OSError."""
        return self.key.read_bytes(), self.certificate.read_bytes()


@dataclass(frozen=True, slots=True)
class ServerTls:
    """What a server shows, and whose clients alone it takes; None for everybody's."""

    identity: Identity
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class ClientTls:
    """Whose servers an edge believes, and what it shows to them, if anything."""

    ca: Path
    identity: Identity | None = None


def http_context(tls: ServerTls) -> ssl.SSLContext:
    """The context of the HTTP side. Raises SettingsError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.identity.certificate, tls.identity.key)
        if tls.client_ca is not None:
            context.load_verify_locations(tls.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise _unreadable(error) from None
    return context


@asynccontextmanager
async def kept_fresh(
    context: ssl.SSLContext, identity: Identity
) -> AsyncIterator[None]:
    """Has a context take the certificate anew when its files have changed."""
    watcher = asyncio.create_task(_watch(context, identity))
    try:
        yield
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher


async def _watch(context: ssl.SSLContext, identity: Identity) -> None:
    stamp = identity.stamp()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        stamp = look_again(context, identity, stamp)


def look_again(
    context: ssl.SSLContext, identity: Identity, taken: tuple[int, int]
) -> tuple[int, int]:
    """Takes files that are not those of a stamp; returns the stamp of what is taken.

    Those that cannot be used, perhaps half written, are left for the next look.
    """
    try:
        stamp = identity.stamp()
        if stamp != taken:
            context.load_cert_chain(identity.certificate, identity.key)
            _log.info("certificate_taken", file=str(identity.certificate))
    except (OSError, ssl.SSLError) as error:
        _log.warning("certificate_unreadable", error=str(error))
        return taken
    return stamp


def grpc_credentials(tls: ServerTls) -> grpc.ServerCredentials:
    """The credentials of the gRPC side. Raises SettingsError."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            tls.identity.certificate, tls.identity.key
        )  # gRPC itself says nothing of a bad one
        taken = tls.identity.stamp()
        first = _configuration(tls)
    except (OSError, ssl.SSLError) as error:
        raise _unreadable(error) from None

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        """Asked at every handshake; None where nothing has changed."""
        nonlocal taken
        with suppress(OSError):
            if (stamp := tls.identity.stamp()) != taken:
                fresh = _configuration(tls)
                taken = stamp
                return fresh
        return None

    return grpc.dynamic_ssl_server_credentials(
        first,
        fetch,  # type: ignore[arg-type]  # None is allowed by its documentation
        require_client_authentication=tls.client_ca is not None,
    )


def channel_credentials(tls: ClientTls) -> grpc.ChannelCredentials:
    """The credentials of a channel to services elsewhere. Raises SettingsError."""
    try:
        key, certificate = tls.identity.read() if tls.identity else (None, None)
        return grpc.ssl_channel_credentials(tls.ca.read_bytes(), key, certificate)
    except OSError as error:
        raise _unreadable(error) from None


def _configuration(tls: ServerTls) -> grpc.ServerCertificateConfiguration:
    ca = tls.client_ca.read_bytes() if tls.client_ca else None
    return grpc.ssl_server_certificate_configuration([tls.identity.read()], ca)


def _unreadable(error: Exception) -> SettingsError:
    return SettingsError(f"The certificate or its key cannot be used: {error}.")
