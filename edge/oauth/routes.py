"""What is served outside `/v1`: each address, its methods, and the gates before them.

The first gate that fails answers. Apps are refused with a document, people with a page.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sanic import HTTPResponse

from edge.oauth import metadata, registration, token
from edge.oauth.authorize import authorize
from edge.oauth.refusals import refusal
from edge.oauth.visit import (
    Gate,
    Visit,
    limited,
    read_form,
    read_json,
    read_nothing,
    read_query,
)
from edge.pages import addresses, apps, consent, login, logout, render
from edge.pages.same_site import check_site
from edge.parts import Edge
from edge.problems import ProblemError

Answer = Callable[[Edge, Visit], Awaitable[HTTPResponse]]
Refuse = Callable[[Edge, Visit, ProblemError], HTTPResponse]


@dataclass(frozen=True, slots=True)
class Action:
    """What a method does, and the gates before it."""

    answer: Answer
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An address. `cross_origin`: scripts of other sites may use it."""

    path: str
    actions: Mapping[str, Action]
    refuse: Refuse
    cross_origin: bool

    @property
    def methods(self) -> str:
        """Its methods, as `Allow` names them."""
        own = ("OPTIONS",) if self.cross_origin else ()
        return ", ".join(sorted((*self.actions, *own)))


def _refuse_app(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    return refusal(problem)


def _for_apps(path: str, **actions: Action) -> Place:
    return Place(path, MappingProxyType(actions), _refuse_app, cross_origin=True)


def _for_people(path: str, **actions: Action) -> Place:
    kinds = MappingProxyType(actions)
    return Place(path, kinds, render.refusal_page, cross_origin=False)


_FREE = (read_nothing,)
_TOKENS = (limited("endpoint_requests"), read_form)
_REGISTERING = (limited("registrations"), read_json)
_OWN_APP = (limited("endpoint_requests"), read_nothing)
_PAGE = (limited("pages"), read_query)
_FORM = (limited("pages"), check_site, read_form)

PLACES = (
    _for_people("/oauth/authorize", GET=Action(authorize, _PAGE)),
    _for_apps("/oauth/token", POST=Action(token.token, _TOKENS)),
    _for_apps("/oauth/revoke", POST=Action(token.revoke, _TOKENS)),
    _for_apps("/oauth/introspect", POST=Action(token.introspect, _TOKENS)),
    _for_apps(registration.PATH, POST=Action(registration.register, _REGISTERING)),
    _for_apps(
        f"{registration.PATH}/<client_id>",
        GET=Action(registration.read, _OWN_APP),
        PUT=Action(registration.update, (limited("endpoint_requests"), read_json)),
        DELETE=Action(registration.delete, _OWN_APP),
    ),
    *(
        _for_apps(path, GET=Action(metadata.about_server, _FREE))
        for path in metadata.SERVER_PATHS
    ),
    *(
        _for_apps(path, GET=Action(metadata.about_resource, _FREE))
        for path in metadata.RESOURCE_PATHS
    ),
    _for_people(
        addresses.LOGIN, GET=Action(login.show, _PAGE), POST=Action(login.log_in, _FORM)
    ),
    _for_people(
        addresses.CONSENT,
        GET=Action(consent.show, _PAGE),
        POST=Action(consent.decide, _FORM),
    ),
    _for_people(
        addresses.APPS, GET=Action(apps.show, _PAGE), POST=Action(apps.revoke, _FORM)
    ),
    _for_people(
        addresses.LOGOUT,
        GET=Action(logout.show, _PAGE),
        POST=Action(logout.log_out, _FORM),
    ),
    _for_people(f"{addresses.FILES}/<name>", GET=Action(render.file, _FREE)),
)
