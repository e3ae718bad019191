"""TLS contexts of the servers, and of the channel from an edge to the services.

Certificates and keys are PEM files. When the files change, new connections use them
within a second, without a restart. If the new files cannot be read, the old certificate
stays in use.
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
    """The certificate of a side, with its chain, and its key."""

    certificate: Path
    key: Path

    def stamp(self) -> tuple[int, int]:
        """Returns a value that differs after the files have changed. Raises OSError."""
        return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns

    def read(self) -> tuple[bytes, bytes]:
        """Returns the key and the certificate for gRPC. Raises OSError."""
        return self.key.read_bytes(), self.certificate.read_bytes()


@dataclass(frozen=True, slots=True)
class ServerTls:
    """A server's identity, and the CA of its clients, None to accept all clients."""

    identity: Identity
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class ClientTls:
    """The CA of the services for an edge, and the edge's identity, if it has one."""

    ca: Path
    identity: Identity | None = None


def http_context(tls: ServerTls) -> ssl.SSLContext:
    """Creates the context of the HTTP server. Raises SettingsError."""
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
    """Reloads the certificate of a context when its files change."""
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
    """Loads the files if they differ from a stamp; returns the stamp of those loaded.

    Files that are not valid, perhaps half written, are tried again next time.
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
    """Creates the credentials of the gRPC server. Raises SettingsError."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            tls.identity.certificate, tls.identity.key
        )  # gRPC itself does not report a bad one
        taken = tls.identity.stamp()
        first = _configuration(tls)
    except (OSError, ssl.SSLError) as error:
        raise _unreadable(error) from None

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        """Called at every handshake. Returns None if nothing has changed."""
        nonlocal taken
        with suppress(OSError):
            if (stamp := tls.identity.stamp()) != taken:
                fresh = _configuration(tls)
                taken = stamp
                return fresh
        return None

    return grpc.dynamic_ssl_server_credentials(
        first,
        fetch,  # type: ignore[arg-type]  # the documentation allows None
        require_client_authentication=tls.client_ca is not None,
    )


def channel_credentials(tls: ClientTls) -> grpc.ChannelCredentials:
    """Creates the credentials of a channel to the services. Raises SettingsError."""
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
