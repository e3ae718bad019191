"""Sanic's touch-up, run once in a process.

Sanic rewrites its own request path for each application that starts: it removes the
signals to which no application listens. It fails on the second application of a
process, because it cannot read the source of code that it has rewritten. Here it runs
when the first application is built; none of ours listens to signals.
"""

from typing import Any

from sanic.application.state import ApplicationServerInfo
from sanic.http import Http
from sanic.http.constants import HTTP
from sanic.touchup import TouchUp


def apply_touchup(app: Any) -> None:
    """Runs the touch-up, unless an earlier application of this process has done it."""
    app.config.TOUCHUP = False
    if getattr(Http, "__touched__", False):
        return
    # Tells Sanic that HTTP/1.1 is the only protocol, so that it sends no Alt-Svc.
    app.state.server_info.append(ApplicationServerInfo({"version": HTTP.VERSION_1}))
    run: Any = TouchUp.run
    run(app)
    app.state.server_info.clear()
