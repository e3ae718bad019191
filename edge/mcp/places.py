"""Where assistants call. There is nothing to listen to, and no session to end."""

from types import MappingProxyType

from edge.mcp.endpoint import refuse, take
from edge.mcp.gates import check_accept, check_origin, check_query
from edge.oauth.resources import ASSISTANTS
from edge.web.place import Action, Place

_GATES = (check_origin, check_query, check_accept)

PLACES = (
    Place(
        ASSISTANTS,
        MappingProxyType({"POST": Action(take, _GATES)}),
        refuse,
        cross_origin=False,
        bears_token=True,
    ),
)
