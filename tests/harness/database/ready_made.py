"""PostgreSQL's data folders and migrated databases, copied from a template of the run.

`initdb` and the migrations take more than a second of processor time, and many writes
that wait for the disk; a copy takes a tenth of that. Tests of the setup do not copy.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests.harness.made_once import made_once
from tests.promises import isolation

# The template of databases with the newest schema; there are no connections to it.
MIGRATED = "migrated"

# A file system in memory, as Linux has it.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a name of its own is made there
_OURS = "pc-wal-"
# Each process that runs tests writes a log of up to 2 GB.
_ENOUGH_BYTES = 8 * 1024**3


def ready_made(data_dir: Path) -> None:
    """Makes a data folder with a migrated database; no server runs on it yet.

    Its log contains the statements of the migrations, which `isolation.check` needs.
    """
    whole = made_once("postgres", _make)
    data_dir.mkdir(exist_ok=True)
    for name in ("postgres", "postgres.log"):
        # Keeps owners and modes, because PostgreSQL checks them.
        subprocess.run(["cp", "-a", whole / name, data_dir / name], check=True)


@contextmanager
def write_ahead_log_in_memory(data_dir: Path) -> Iterator[None]:
    """Keeps the write-ahead log of a data folder in memory, if there is enough.

    No server runs on the folder, before and after. Each write of a test else waits for
    the disk, on a busy machine longer than for all else. What is tested with this
    server survives the death of processes, not of the machine.
    """
    log = data_dir / "postgres" / "pg_wal"
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < _ENOUGH_BYTES:
        yield
        return
    _forget_killed_runs()
    with TemporaryDirectory(prefix=f"{_OURS}{os.getpid()}-", dir=MEMORY) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's account uses it as well
        moved = Path(folder) / "pg_wal"
        subprocess.run(["mv", log, moved], check=True)
        log.symlink_to(moved)
        yield


def _forget_killed_runs() -> None:
    """Removes logs of processes that were killed, which would fill the memory."""
    for folder in MEMORY.glob(f"{_OURS}*"):
        pid = folder.name.removeprefix(_OURS).partition("-")[0]
        if not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _make(data_dir: Path) -> None:
    with postgres.running(data_dir, lambda _: None) as url:
        asyncio.run(isolation.log_statements(url))
        asyncio.run(migrate(url, lambda _: None))
        asyncio.run(create_database(url, MIGRATED, postgres.DATABASE))
        asyncio.run(_on_server(url, "ALTER SYSTEM RESET ALL"))


async def create_database(url: str, name: str, template: str = "template0") -> None:
    """Creates a database on a server; `url` is that of any database on it."""
    await _on_server(
        url,
        f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'"
        " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
    )


async def _on_server(url: str, sql: str) -> None:
    link = await asyncpg.connect(url_of("postgres", url))
    try:
        await link.execute(sql)
    finally:
        await link.close()


def url_of(database: str, url: str) -> str:
    """The URL of a database, from the URL of another database on the same server."""
    return url.replace(f"/{postgres.DATABASE}?", f"/{database}?")
