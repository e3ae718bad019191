"""Sanic's touch-up: it takes out of its own request path what no app listens to.

Sanic does that for each application that starts, and fails on the second one of a
process, because it cannot read code again that it has rewritten. Here it happens
once, when the first application is built; none of ours listens to signals.
"""

from typing import Any

from sanic.application.state import ApplicationServerInfo
from sanic.http import Http
from sanic.http.constants import HTTP
from sanic.touchup import TouchUp


def touch_up(app: Any) -> None:
    """Touches Sanic up for an application, unless it was for an earlier one."""
    app.config.TOUCHUP = False
    if getattr(Http, "__touched__", False):
        return
    # Lets Sanic know that there is HTTP/1.1 alone, so that it sends no Alt-Svc.
    app.state.server_info.append(ApplicationServerInfo({"version": HTTP.VERSION_1}))
    run: Any = TouchUp.run
    run(app)
    app.state.server_info.clear()
