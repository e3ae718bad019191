"""One of several workers: `python -m deploy.serving.worker`.

It reads its settings from the environment and writes `ready` to standard output. It
ends when its parent sends a signal or has ended.
"""

import asyncio
import sys

import uvloop

from deploy.errors import DeployError
from deploy.observing.logs import configure_logs
from deploy.serving.process import serve_all
from deploy.serving.workers import READY
from deploy.settings import Settings
from deploy.signals import exit_on_signals
from deploy.standard_streams import open_missing
from services.errors import ServiceError


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:  # the parent never writes, so readable means closed
        loop.remove_reader(sys.stdin)
        stop.set()

    def announce(_: object) -> None:
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()

    loop.add_reader(sys.stdin, end)
    if settings.database_url is None:
        raise DeployError("A worker needs PROSPECTCONNECT_DATABASE_URL.")
    await serve_all(settings, settings.database_url, announce, shared=True, stop=stop)


def main() -> None:
    """Serves until the parent ends the worker."""
    open_missing()
    exit_on_signals()
    try:
        settings = Settings.read()
        configure_logs(settings.log_format)
        uvloop.run(_serve(settings))
    except (DeployError, ServiceError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
