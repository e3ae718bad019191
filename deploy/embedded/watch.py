"""Starts the embedded PostgreSQL again where it ended by itself.

It does when its log finds no room on the disk, when the system kills it for memory, or
somebody by mistake. The server carries on: clients get 503 until it is back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from deploy.embedded import postgres
from deploy.errors import PostgresError

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 3.0  # after a start that failed: a full disk is still full

_log = structlog.get_logger()


@contextmanager
def kept_up(data_dir: Path) -> Iterator[None]:
    """Looks after the server of a data folder as long as the block runs.

    The block is one in `postgres.running`, which starts the server and stops it.
    """
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(data_dir, over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()  # a start in progress ends first, so that it can be stopped


def _watch(data_dir: Path, over: threading.Event) -> None:
    seconds, is_down = _LOOK_SECONDS, False
    while not over.wait(seconds):
        seconds = _LOOK_SECONDS
        try:
            if not postgres.has_ended(data_dir):
                is_down = False
                continue
            if not is_down:
                _log.error("postgres_ended")
            postgres.start_again(data_dir)
        except Exception as error:  # whatever it is, nobody else would look again
            if not is_down:  # told once, and tried until it succeeds
                why = error if isinstance(error, PostgresError) else type(error)
                _log.error("postgres_does_not_start", why=str(why))
            is_down, seconds = True, _AGAIN_SECONDS
        else:
            is_down = False
            _log.warning("postgres_started")
