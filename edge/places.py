"""All places outside `/v1`, of each room that has some."""

from edge.account import places as account
from edge.booking import places as booking
from edge.collections import places as collections
from edge.mcp import places as mcp
from edge.mcp.tools import Tools
from edge.oauth import places as oauth
from edge.openapi import published as openapi
from edge.pages import places as pages
from edge.portal import places as portal
from edge.portal.opened import Portal
from edge.reference import places as reference
from edge.web import calendar, security_txt
from edge.web.place import Place


def all_places(
    scopes: tuple[str, ...], tools: Tools, site: Portal
) -> tuple[Place, ...]:
    """All places.

    Args:
        scopes: The scopes that apps may ask for.
        tools: The tools that assistants may call.
        site: The portal.
    """
    return (
        *oauth.places(scopes),
        *pages.PLACES,
        *openapi.PLACES,
        *mcp.places(tools),
        *account.PLACES,
        *portal.places(site),
        *reference.places(scopes),
        *collections.places(),
        *booking.PLACES,
        calendar.PLACE,
        security_txt.PLACE,
    )
