"""The place of the endpoint for assistants. It has no event stream and no sessions."""

from functools import partial
from types import MappingProxyType

from edge.mcp.endpoint import refuse, take
from edge.mcp.gates import check_accept, check_origin, check_query
from edge.mcp.tools import Tools
from edge.oauth.resources import ASSISTANTS
from edge.web.place import Action, Place

_GATES = (check_origin, check_query, check_accept)


def places(tools: Tools) -> tuple[Place, ...]:
    """The endpoint; `tools` are those that assistants may call."""
    actions = MappingProxyType({"POST": Action(partial(take, tools), _GATES)})
    return (Place(ASSISTANTS, actions, refuse, cross_origin=False, bears_token=True),)
