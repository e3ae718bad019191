"""Calls to the services from outside `/v1`: for a logged-in user, or without one."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message

from edge.state import Edge, connected
from edge.upstream.call import call, faulty_fields
from edge.web.visit import Visit


async def ask(
    edge: Edge,
    visit: Visit,
    request: Message,
    session: str = "",
    faulty: Iterable[str] = (),
) -> Any:
    """Calls the method that takes this type of request message; returns its answer.

    Args:
        edge: The edge.
        visit: The request of the client.
        request: The request message; its class determines the method.
        session: The secret of the user's session; empty without a user.
        faulty: The paths of the request message that could not be read.

    Raises:
        ProblemError: The call failed.
    """
    method = connected(edge).methods[type(request)]
    metadata = visit.metadata(session)
    if faulty:
        metadata.append(("x-faulty-fields", faulty_fields(faulty)))
    return (await call(method, request, metadata, visit.deadline)).message
