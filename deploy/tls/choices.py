"""The TLS of each server and channel. gRPC without TLS needs loopback or a setting."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote

from deploy.errors import SettingsError
from deploy.settings import Settings, variable
from deploy.tls.contexts import ClientTls, Identity, ServerTls


def http_tls(settings: Settings) -> ServerTls | None:
    """Returns the TLS of HTTP, None without. Raises SettingsError."""
    return _server(settings, "http_tls")


def grpc_tls(settings: Settings) -> ServerTls | None:
    """Returns the TLS of the gRPC server, None without.

    Raises SettingsError, also without TLS on a host that other machines can reach,
    unless the settings allow that.
    """
    tls = _server(settings, "grpc_tls")
    if tls is None and not is_own(settings.host):
        _refuse_plain(settings, f"on {settings.host}", "grpc_tls_certificate")
    return tls


def services_tls(settings: Settings, target: str) -> ClientTls | None:
    """Returns the TLS of the channel to the services, None without.

    Raises SettingsError, also without TLS to other machines, unless the settings allow
    that.
    """
    identity = _identity(settings, "services_tls")
    if settings.services_tls_ca is not None:
        return ClientTls(settings.services_tls_ca, identity)
    if identity is not None:
        raise _missing("services_tls_ca")
    if not reaches_own(target):
        _refuse_plain(settings, f"to {target}", "services_tls_ca")
    return None


def _server(settings: Settings, prefix: str) -> ServerTls | None:
    identity = _identity(settings, prefix)
    client_ca: Path | None = getattr(settings, f"{prefix}_client_ca")
    if identity is None and client_ca is not None:
        raise _missing(f"{prefix}_certificate")
    return None if identity is None else ServerTls(identity, client_ca)


def _identity(settings: Settings, prefix: str) -> Identity | None:
    names = f"{prefix}_certificate", f"{prefix}_key"
    certificate, key = (getattr(settings, name) for name in names)
    if certificate is None and key is None:
        return None
    for name, value in zip(names, (certificate, key), strict=True):
        if value is None:
            raise _missing(name)
    return Identity(certificate, key)


def _missing(name: str) -> SettingsError:
    return SettingsError(f"{variable(name)} is missing; the others of TLS need it.")


def _refuse_plain(settings: Settings, where: str, name: str) -> None:
    if not settings.plaintext_grpc:
        raise SettingsError(
            f"gRPC {where} without TLS would show tokens to the network. Give"
            f" {variable(name)}, or say {variable('plaintext_grpc')}=true where"
            " something else protects it."
        )


def reaches_own(target: str) -> bool:
    """Whether all addresses of a gRPC target are on this machine."""
    return all(map(is_own, _hosts(target)))


def _hosts(target: str) -> list[str]:
    """Returns the hosts of a target: `host:port`, or `ipv4:10.0.0.1:1,10.0.0.2:1`."""
    scheme, has_scheme, rest = target.partition(":")
    if scheme in ("unix", "unix-abstract"):
        return []
    if not has_scheme or scheme not in ("dns", "ipv4", "ipv6"):
        rest = target
    addresses = unquote(rest.rpartition("/")[2]).split(",")
    return [_without_port(each) for each in addresses]


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def is_own(host: str) -> bool:
    """Whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
