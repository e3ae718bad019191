"""Calls to the services from outside `/v1`: for a logged-in user, or for nobody."""

from typing import Any

from google.protobuf.message import Message

from edge.state import Edge, connected
from edge.upstream.call import call
from edge.web.visit import Visit


async def ask(edge: Edge, visit: Visit, request: Message, session: str = "") -> Any:
    """Calls the method that takes a request message, and returns its answer.

    Args:
        edge: The edge.
        visit: The request of the client.
        request: The request message; its class decides which method is called.
        session: The secret of the user's session; empty for nobody.

    Raises:
        ProblemError: Whatever went wrong.
    """
    method = connected(edge).methods[type(request)]
    metadata = visit.metadata(session)
    return (await call(method, request, metadata, visit.deadline)).message
