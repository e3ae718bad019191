"""Where the reference is asked for more than its pages, which the portal gives."""

from types import MappingProxyType

from edge.reference.app import find_app, refuse
from edge.web.addresses import REFERENCE_APP
from edge.web.place import Action, Place
from edge.web.same_site import check_site
from edge.web.visit import limited, read_nothing

_FIND = Action(find_app, (limited("pages"), check_site, read_nothing))

PLACES = (
    Place(
        REFERENCE_APP,
        MappingProxyType({"POST": _FIND}),
        refuse,
        cross_origin=False,
    ),
)
