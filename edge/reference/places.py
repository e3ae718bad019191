"""The places of the reference, except its pages, which the portal serves."""

from functools import partial
from types import MappingProxyType

from edge.reference.app import find_app, refuse
from edge.web.addresses import REFERENCE_APP
from edge.web.place import Action, Place
from edge.web.same_site import check_site
from edge.web.visit import limited, read_nothing


def places(scopes: tuple[str, ...]) -> tuple[Place, ...]:
    """The places; `scopes` are those that apps may request."""
    gates = (limited("pages"), check_site, read_nothing)
    find = Action(partial(find_app, scopes), gates)
    actions = MappingProxyType({"POST": find})
    return (Place(REFERENCE_APP, actions, refuse, cross_origin=False),)
