"""A pgbouncer in transaction mode in front of a PostgreSQL on a local socket."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from deploy.embedded.programs import find_programs
from services.exports.runner import MOST_RUNNING, OF_STEPS
from tests.harness.database.row_lock import until
from tests.harness.programs.system import program_path
from tests.harness.wire.listening import listens

PROGRAM = "pgbouncer"
# One more than a process holds that runs jobs: for the snapshots of exports, for a
# step, and for what that step reads meanwhile. With fewer, they would wait for each
# other.
POOL = MOST_RUNNING + OF_STEPS + 1

_CONFIGURATION = """
[databases]
* = host={server} user=postgres
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 5432
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_prepared_statements = {prepared}
"""


@dataclass(frozen=True, slots=True)
class Bouncer:
    """A running pgbouncer: the URL through it, and its `max_prepared_statements`."""

    url: str
    prepared: int


@contextmanager
def before(database_url: str, prepared: int, pool: int = POOL) -> Iterator[Bouncer]:
    """Runs a pgbouncer that keeps `prepared` prepared statements.

    `pool`: how many connections it has to the server.
    """
    program = program_path(PROGRAM)
    assert program is not None
    place = urlsplit(database_url)
    (server,) = parse_qs(place.query)["host"]
    with TemporaryDirectory(prefix="pc-") as name:
        folder = Path(name)
        file = folder / "pgbouncer.ini"
        file.write_text(
            _CONFIGURATION.format(
                server=server, folder=folder, pool=pool, prepared=prepared
            )
        )
        process = subprocess.Popen([program, "-q", file], **_identity(folder))
        try:
            until(lambda: listens(folder / ".s.PGSQL.5432"))
            here = place._replace(query=f"host={quote(name)}")
            yield Bouncer(here.geturl(), prepared)
        finally:
            process.send_signal(signal.SIGQUIT)  # SIGTERM would wait for all clients
            process.wait(timeout=60)


def _identity(folder: Path) -> dict[str, Any]:
    """The account that runs PostgreSQL, as no other may connect; it is not root."""
    account = find_programs(folder).account
    if account is None:
        return {}
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
