"""The endpoints of OAuth that apps call. They are refused with a document."""

from types import MappingProxyType

from sanic import HTTPResponse

from edge.oauth import metadata, registration, token
from edge.oauth.refusals import refusal
from edge.parts import Edge
from edge.problems import ProblemError
from edge.web.place import Action, Place
from edge.web.visit import Visit, limited, read_form, read_nothing


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    return refusal(problem)


def _place(path: str, **actions: Action) -> Place:
    return Place(path, MappingProxyType(actions), _refuse, cross_origin=True)


_FREE = (read_nothing,)
_TOKENS = (limited("endpoint_requests"), read_form)
_REGISTERING = (limited("registrations"), registration.read_metadata)
_OWN_APP = (limited("endpoint_requests"), read_nothing)
_OWN_METADATA = (limited("endpoint_requests"), registration.read_metadata)

PLACES = (
    _place("/oauth/token", POST=Action(token.token, _TOKENS)),
    _place("/oauth/revoke", POST=Action(token.revoke, _TOKENS)),
    _place("/oauth/introspect", POST=Action(token.introspect, _TOKENS)),
    _place(registration.PATH, POST=Action(registration.register, _REGISTERING)),
    _place(
        f"{registration.PATH}/<client_id>",
        GET=Action(registration.read, _OWN_APP),
        PUT=Action(registration.update, _OWN_METADATA),
        DELETE=Action(registration.delete, _OWN_APP),
    ),
    *(
        _place(path, GET=Action(metadata.about_server, _FREE))
        for path in metadata.SERVER_PATHS
    ),
    *(
        _place(path, GET=Action(metadata.about_api, _FREE))
        for path in metadata.RESOURCE_PATHS
    ),
    _place(metadata.ASSISTANTS_PATH, GET=Action(metadata.about_assistants, _FREE)),
)
