"""The doctor: finds common faults of a setup before they cause failures.

Each check examines one thing and describes what to do. Nothing is changed, except that
the embedded PostgreSQL runs during the checks.
"""

import os
import shutil
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from deploy.embedded.databases import database_url, opened
from deploy.errors import DeployError
from deploy.settings import Settings
from deploy.tls.certificates import expires_at
from deploy.tls.choices import grpc_tls, http_tls, is_own, services_tls
from deploy.tls.contexts import http_context
from edge.calls.answers import HOST
from services.errors import ServiceError
from services.files.stores import Files
from services.iam import audit_chain
from services.postgres.database import Database
from services.postgres.examination import Finding, examine, failed, fine, warning
from services.postgres.schema import is_current

_DAY = 86_400
SOON_DAYS = 14
LEAST_FREE_BYTES = 2 * 1024**3
LEAST_FREE_SHARE = 0.05

_WRITES = "SELECT current_setting('transaction_read_only'), pg_is_in_recovery()"


async def of_database(settings: Settings) -> list[Finding]:
    """The findings about the database; a single one if it does not answer."""
    if settings.database_url is None and not _is_there(settings.data_dir / "postgres"):
        text = f"none yet in {settings.data_dir}; serve makes one"
        return [fine("database", text)]
    wanted = settings.max_connections * settings.workers
    try:
        with database_url(settings) as url:
            async with opened(url) as database:
                return [
                    fine("database", "answers"),
                    await _writes(database),
                    *await examine(database, wanted),
                    *await _audit(database),
                ]
    except (DeployError, ServiceError) as error:
        # The message of asyncpg contains no password.
        cause = "" if error.__cause__ is None else f" {error.__cause__}"
        remedy = (
            "Check --database-url: host, port, user, password and database; then the"
            " server's log, its pg_hba.conf and any firewall between."
        )
        return [failed("database", f"{error}{cause}", remedy)]


async def _audit(database: Database) -> list[Finding]:
    """The chains of all tenants' audits; nothing under an older schema."""
    if not await is_current(database):
        return []
    entries, found = 0, list[str]()
    for tenant in await audit_chain.tenants(database):
        told = await audit_chain.verify(database, tenant, {})
        entries += told.entries
        found += [f"{tenant or 'nobody'}: {sentence}" for sentence in told.found]
    if not found:
        return [fine("audit", f"{entries} entries, none changed or missing")]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    remedy = "Run prospectconnect audit verify, and see Audit in the runbook."
    return [failed("audit", f"{found[0]}{more}", remedy)]


async def _writes(database: Database) -> Finding:
    row = await database.row(_WRITES)
    if row is None or row[0] == "off":
        return fine("writes", "are taken")
    if row[1]:
        remedy = (
            "Let --database-url lead to the primary, or, if there is none any more,"
            " promote this one: SELECT pg_promote()."
        )
        return failed("writes", "refused: the server is a standby", remedy)
    remedy = (
        "Find out who set it and why. Then, after SET default_transaction_read_only ="
        " off, ALTER DATABASE, ROLE or SYSTEM, as it was set, with RESET of it."
    )
    text = "refused: default_transaction_read_only is on"
    return failed("writes", text, remedy)


async def of_files(settings: Settings) -> Finding:
    """Checks whether files can be written to their store, and read again.

    A folder that nobody has made yet is left to the program, which makes it.
    """
    place = settings.for_services("").files
    if "://" not in place and not _is_there(Path(place)):
        return fine("files", f"none yet in {place}; serve makes it")
    try:
        await Files(place).examine()
    except ServiceError as error:
        cause = "" if error.__cause__ is None else f" {error.__cause__}"
        remedy = (
            "Give this user a --files that it may write. For a bucket, check its name"
            " and the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION"
            " and AWS_ENDPOINT_URL."
        )
        return failed("files", f"{place}: {cause or error}"[:500], remedy)
    return fine("files", f"{place} can be written and read")


def of_tls(settings: Settings) -> Iterator[Finding]:
    """Checks whether the certificates are valid, and for how long."""
    try:
        sides = {"http": http_tls(settings), "grpc": grpc_tls(settings)}
        if settings.services is not None:
            services_tls(settings, settings.services)
    except DeployError as error:
        yield failed("tls", str(error), "Give what is missing, or leave TLS out.")
        return
    for side, tls in sides.items():
        if tls is not None:
            try:
                http_context(tls)
            except DeployError as error:
                remedy = "Both must be PEM, readable by this user, and belong together."
                yield failed(f"{side} certificate", str(error), remedy)
            else:
                yield _life(f"{side} certificate", tls.identity.certificate)


def _life(name: str, path: Path) -> Finding:
    days = ((expires_at(path) or 0.0) - time.time()) / _DAY
    text = f"{path} ends in {days:.0f} days" if days > 0 else f"{path} has ended"
    remedy = "Renew it and replace the files: they are taken within a second."
    if days <= 0:
        return failed(name, text, remedy)
    return warning(name, text, remedy) if days < SOON_DAYS else fine(name, text)


def of_authorities() -> Finding:
    """Checks whether the certificates of webhooks' endpoints can be verified."""
    name, paths = "authorities", ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return fine(name, f"in {paths.cafile or paths.capath}")
    remedy = "Install ca-certificates, or let SSL_CERT_FILE name a file with them."
    return warning(name, "none: no https endpoint of a webhook is believed", remedy)


def of_public_url(settings: Settings) -> Finding:
    """Checks whether clients can reach the public URL in the settings."""
    name, given = "public url", settings.public_url
    if given is None:
        return fine(name, "not set: taken from each request's Host header")
    remedy = "Such as PROSPECTCONNECT_PUBLIC_URL=https://api.example.com"
    try:
        parts = urlsplit(given)
        is_place = HOST.fullmatch(parts.netloc) and parts.port != 0
    except ValueError:
        is_place = False
    if not is_place or parts.scheme not in ("http", "https"):
        return failed(name, f"{given} is no address of a server", remedy)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return failed(name, f"{given} says more than scheme, host and port", remedy)
    if parts.scheme == "http" and not is_own(parts.hostname or ""):
        text = f"{given} would send tokens over the network in the clear"
        return warning(name, text, "Serve it over https, or behind what does.")
    return fine(name, given)


def of_folder(settings: Settings) -> Iterator[Finding]:
    """Checks whether the data folder can be written, and has space.

    The check creates no file: if root ran it, the program could not write that file.
    """
    path = settings.rate_limit_file
    there = next(each for each in (path, *path.parents) if _is_there(each))
    name = "rate limits"
    if not os.access(there, os.W_OK) or not (there == path or there.is_dir()):
        remedy = "Give this user a --data-dir that it may write."
        yield failed(name, f"{there} cannot be written by this user", remedy)
        return
    yield fine(name, f"{path} can be written")
    usage = shutil.disk_usage(there)
    share = usage.free / usage.total
    text = f"{usage.free / 1024**3:.1f} GiB ({share:.0%}) free at {settings.data_dir}"
    if usage.free < LEAST_FREE_BYTES or share < LEAST_FREE_SHARE:
        remedy = "Make room or grow it: a database that cannot write stops."
        yield failed("disk", text, remedy)
    else:
        yield fine("disk", text)


def _is_there(path: Path) -> bool:
    """Whether a path exists; false if this user may not look there."""
    return os.path.exists(path)
