"""The program with short time limits for clients, so that tests need not wait long.

`python -m tests.harness.programs.hasty_program CLOCK ARGUMENT...` runs the command line
as usual. With the clock `sanics`, a planted fault, Sanic's own timeouts apply.
"""

import sys
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from sanic import Sanic
from sanic.server.protocols.http_protocol import HttpProtocol

from deploy.commands.command_line import main
from deploy.serving import process as serving
from edge.app import build_app
from edge.http.connection import Connection
from edge.settings import ClientTimes, EdgeSettings

OURS, SANICS = "ours", "sanics"

# The time limits that tests of slow clients wait for; the deadline is a setting.
TIMES = ClientTimes(
    look=0.1, head=1.0, unread_body=1.0, answer_part=1.0, idle_in_crowd=2.0
)
DEADLINE_SECONDS = 2
IDLE_SECONDS = 5


def program(clock: str = OURS) -> tuple[str, ...]:
    """The command that `tests.stacks.start` runs instead of the product."""
    return (__spec__.name, clock)


def _build_hasty(settings: EdgeSettings, *parts: Any) -> Sanic[Any, Any]:
    app = build_app(replace(settings, client_times=TIMES), *parts)
    app.config.KEEP_ALIVE_TIMEOUT = IDLE_SECONDS
    app.config.REQUEST_TIMEOUT = DEADLINE_SECONDS  # used by Sanic's own timer
    return app


if __name__ == "__main__":
    patch.object(serving, "build_app", _build_hasty).start()
    if sys.argv.pop(1) == SANICS:
        clock: Any = HttpProtocol.check_timeouts
        patch.object(Connection, "check_timeouts", clock).start()
    main()
