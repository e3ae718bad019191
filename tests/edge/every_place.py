"""All places outside `/v1`, for tests of their addresses; none of them is called."""

from edge.places import all_places
from edge.portal.opened import Portal
from edge.portal.site import Site


def _no_site() -> Site:
    raise AssertionError("no page is asked for")


PLACES = all_places((), {}, Portal(_no_site))
