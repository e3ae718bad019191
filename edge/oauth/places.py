"""The endpoints of OAuth that apps call. A refusal is a JSON document."""

from functools import partial
from types import MappingProxyType

from sanic import HTTPResponse

from edge.oauth import metadata, registration, token
from edge.oauth.refusals import refusal
from edge.problems import ProblemError
from edge.state import Edge
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

_METADATA = (
    (metadata.SERVER_PATHS, metadata.about_server),
    (metadata.RESOURCE_PATHS, metadata.about_api),
    ((metadata.ASSISTANTS_PATH,), metadata.about_assistants),
)


def places(scopes: tuple[str, ...]) -> tuple[Place, ...]:
    """The endpoints; `scopes` are those that apps may request."""
    return (
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
            _place(path, GET=Action(partial(about, scopes), _FREE))
            for paths, about in _METADATA
            for path in paths
        ),
    )
