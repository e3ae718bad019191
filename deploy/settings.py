"""The settings of the program, read once and passed on.

The order of precedence is: a flag of the command line, its variable
`PROSPECTCONNECT_*`, a file in the secrets folder, the default. An unknown variable
`PROSPECTCONNECT_*` is an error.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.errors import SettingsError
from deploy.secret_files import read_secrets
from deploy.setting_texts import Networks, RateLimit, parse_networks, parse_rate_limit
from edge.limits.limit import Limit
from edge.settings import AddressLimits, EdgeSettings
from edge.versions import CHANGES
from services.mailing.servers import server_of_url
from services.settings import OauthSettings, ServiceSettings

PREFIX = "PROSPECTCONNECT_"

_HOUR, _DAY, _YEAR = 3_600, 86_400, 365 * 86_400
_OAUTH = OauthSettings()
_BEARER = re.compile(r"[!-~]{32,}")
_PLACE = r"^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"  # HOST:PORT
_CONTACT = r"^(mailto:|https://|tel:)[!-~]+$"  # RFC 9116, section 2.5.3


class Settings(BaseSettings):
    """The program's settings. Times are seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True)

    host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65_535)
    grpc_port: int = Field(default=50_051, ge=0, le=65_535)
    data_dir: Path = Path(".data")
    database_url: str | None = None  # None: the embedded PostgreSQL
    files: str | None = None  # a folder, or s3://bucket/prefix; None: in `data_dir`
    export_file_bytes: int = Field(1024**3, ge=3 * 1024**2, le=1024**3)  # at most
    secrets_dir: Path | None = None  # files called like settings, see secret_files.py
    rate_limit_url: str | None = None  # a Valkey; None: a file in `data_dir`
    # The secret by which an edge proves itself to the services. Several are separated
    # by blanks: edges send the first, services accept all. None: a file in `data_dir`.
    edge_secret: str | None = None
    services: str | None = None  # those of a separate edge, HOST:PORT
    # Certificates and keys as PEM files. A client CA admits only the clients it signed.
    http_tls_certificate: Path | None = None
    http_tls_key: Path | None = None
    http_tls_client_ca: Path | None = None
    grpc_tls_certificate: Path | None = None
    grpc_tls_key: Path | None = None
    grpc_tls_client_ca: Path | None = None
    services_tls_ca: Path | None = None  # the CA of the services, for the edge
    services_tls_certificate: Path | None = None
    services_tls_key: Path | None = None
    plaintext_grpc: bool = False  # beyond loopback
    workers: int = Field(default=1, ge=1, le=64)
    demo: bool | None = None  # None: with the embedded PostgreSQL alone
    demo_contacts: int = Field(default=13_658, ge=0, le=10_000_000)
    changes_days: int = Field(default=365, ge=365, le=36_500)  # they are kept
    feed_days: int = Field(default=30, ge=3, le=365)  # the feed tells them
    runs_jobs: bool = True  # delivers, tends sandboxes; False: only workers do so
    webhooks_private_addresses: bool = False  # which http and private URLs need
    smtp_url: str | None = Field(default=None, repr=False)  # the operator's mail server
    max_connections: int = Field(default=20, ge=1, le=1000)  # to the database
    max_in_flight: int = Field(default=512, ge=1, le=100_000)  # each process
    max_readers: int = Field(default=10_000, ge=5, le=1_000_000)  # each process
    max_clients: int = Field(default=14_000, ge=1, le=1_000_000)  # each process
    drain_seconds: float = Field(default=30.0, ge=0, le=600)
    log_requests: bool = True
    log_format: Literal["auto", "json", "console"] = "auto"
    slow_statement_ms: int = Field(default=500, ge=0, le=3_600_000)  # 0: none is logged
    # The port of the metrics for Prometheus, None for none. A worker adds its number.
    metrics_port: int | None = Field(default=None, ge=0, le=65_535)
    metrics_host: str = "127.0.0.1"
    # The collector of spans (OTLP over HTTP), and the share of own traces to sample.
    otlp_endpoint: str | None = None
    trace_share: float = Field(default=1.0, ge=0, le=1)
    problem_base: str = EdgeSettings().problem_base
    public_url: str | None = None
    public_grpc: str | None = Field(default=None, pattern=_PLACE)  # in samples
    security_contact: str | None = Field(default=None, pattern=_CONTACT)
    trusted_proxies: Networks = ""  # addresses or networks, separated by commas
    request_deadline_seconds: float = Field(default=30.0, gt=0, le=600)
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024, le=4 * 1024 * 1024)
    authorization_request_seconds: int = Field(_OAUTH.request_seconds, ge=10, le=_HOUR)
    code_seconds: int = Field(_OAUTH.code_seconds, ge=1, le=600)
    access_token_seconds: int = Field(_OAUTH.access_token_seconds, ge=1, le=_DAY)
    refresh_token_seconds: int = Field(_OAUTH.refresh_token_seconds, ge=1, le=_YEAR)
    session_seconds: int = Field(_OAUTH.session_seconds, ge=1, le=_YEAR)
    registration: Literal["open", "closed", "token"] = "open"
    registration_token: str | None = Field(default=None, validate_default=True)
    registrations_per_hour: int = Field(_OAUTH.registrations_per_hour, ge=1)
    unused_app_seconds: int = Field(_OAUTH.unused_app_seconds, ge=_HOUR)
    audit_seconds: int = Field(_OAUTH.audit_seconds, ge=_DAY)
    # The limits of one network address; see AddressLimits.
    address_registrations: RateLimit = "200/1h"
    address_failed_logins: RateLimit = "100/10m"
    address_endpoint_requests: RateLimit = "12000/1m"
    address_pages: RateLimit = "3000/1m"
    address_authorizations: RateLimit = "300/1m"
    address_votes: RateLimit = "30/1h"

    @field_validator("registration_token")
    @classmethod
    def _is_secret(cls, token: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("registration") != "token":
            return token
        if not _BEARER.fullmatch(token or ""):
            raise ValueError("give at least 32 characters that a header can hold")
        return token

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, url: str | None) -> str | None:
        if url:
            server_of_url(url)
        return url

    @field_validator("edge_secret")
    @classmethod
    def _are_secrets(cls, secrets: str | None) -> str | None:
        if not all(map(_BEARER.fullmatch, (secrets or "").split())):
            raise ValueError("give at least 32 characters that a header can hold")
        return secrets

    @classmethod
    def read(cls, **flags: object) -> Self:
        """Reads the settings; `flags` that are not None override the environment.

        Raises SettingsError for a bad value or an unknown variable.
        """
        _refuse_unknown_variables()
        given = {name: value for name, value in flags.items() if value is not None}
        try:
            return cls(**(_secrets() | given))  # type: ignore[arg-type]  # are checked
        except ValidationError as error:
            raise SettingsError(_explain(error)) from None

    @property
    def loads_demo(self) -> bool:
        """Whether to load demonstration data. By default not into a named database."""
        return self.database_url is None if self.demo is None else self.demo

    @property
    def scheme(self) -> str:
        """The scheme of HTTP addresses: `http` or `https`."""
        return "http" if self.http_tls_certificate is None else "https"

    @property
    def _place(self) -> str:
        """Where HTTP is reached on this machine."""
        return f"localhost:{self.http_port}"

    @property
    def rate_limit_file(self) -> Path:
        """The file in which all processes of the machine share rate limits."""
        return self.data_dir / "rate-limits"

    def variables(self) -> dict[str, str]:
        """Returns the settings as variables for another process."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {variable(name): str(value) for name, value in values.items()}

    def for_services(
        self, database_url: str, edge_secrets: tuple[str, ...] = ()
    ) -> ServiceSettings:
        """Returns the settings of the services."""
        return ServiceSettings(
            database_url=database_url,
            edge_secrets=edge_secrets,
            max_connections=self.max_connections,
            slow_statement_seconds=self.slow_statement_ms / 1_000 or float("inf"),
            log_calls=self.log_requests,
            changes_days=self.changes_days,
            feed_days=self.feed_days,
            contracts=tuple(str(each.date) for each in CHANGES),
            runs_jobs=self.runs_jobs,
            files=self.files or str(self.data_dir / "files"),
            export_file_bytes=self.export_file_bytes,
            webhooks_private_addresses=self.webhooks_private_addresses,
            public_url=self.public_url or f"{self.scheme}://{self._place}",
            smtp_url=self.smtp_url or "",
            own_ports=frozenset((self.http_port, self.grpc_port, self.metrics_port)),
            oauth=self._for_oauth(),
        )

    def _for_oauth(self) -> OauthSettings:
        return OauthSettings(
            request_seconds=self.authorization_request_seconds,
            code_seconds=self.code_seconds,
            access_token_seconds=self.access_token_seconds,
            refresh_token_seconds=self.refresh_token_seconds,
            session_seconds=self.session_seconds,
            registration=self.registration,
            registration_token=self.registration_token or "",
            registrations_per_hour=self.registrations_per_hour,
            unused_app_seconds=self.unused_app_seconds,
            audit_seconds=self.audit_seconds,
        )

    def for_edge(self) -> EdgeSettings:
        """Returns the settings of the edge."""
        return EdgeSettings(
            problem_base=self.problem_base,
            public_url=self.public_url,
            public_grpc=self.public_grpc,
            grpc_port=self.grpc_port,
            serves_tls=self.http_tls_certificate is not None,
            security_contact=self.security_contact,
            trusted_proxies=parse_networks(self.trusted_proxies),
            request_deadline_seconds=self.request_deadline_seconds,
            max_body_bytes=self.max_body_bytes,
            max_in_flight=self.max_in_flight,
            max_readers=self.max_readers,
            max_clients=self.max_clients,
            address_limits=AddressLimits(
                registrations=_limit(self.address_registrations),
                failed_logins=_limit(self.address_failed_logins),
                endpoint_requests=_limit(self.address_endpoint_requests),
                pages=_limit(self.address_pages),
                authorizations=_limit(self.address_authorizations),
                votes=_limit(self.address_votes),
            ),
            registration_is_open=self.registration != "closed",
            log_requests=self.log_requests,
        )


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def _limit(text: str) -> Limit:
    return Limit(*parse_rate_limit(text))


def _refuse_unknown_variables() -> None:
    known = [variable(name) for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise SettingsError(f"There is no setting {name}.{hint}")


def _secrets() -> dict[str, str]:
    """Reads the settings in secret files that no variable overrides."""
    if not (folder := os.environ.get(variable("secrets_dir"))):
        return {}
    found = read_secrets(Path(folder), Settings.model_fields)
    return {n: text for n, text in found.items() if not os.environ.get(variable(n))}


def _explain(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False)
    named = [(str(fault["loc"][0]), fault["msg"]) for fault in faults]
    return "\n".join(
        f"--{each.replace('_', '-')} or {variable(each)}: {why}." for each, why in named
    )
