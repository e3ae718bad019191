"""All places outside `/v1`, of each room that has some."""

from edge.mcp import places as mcp
from edge.oauth import places as oauth
from edge.openapi import published as openapi
from edge.pages import places as pages
from edge.web.place import Place

PLACES: tuple[Place, ...] = (
    *oauth.PLACES,
    *pages.PLACES,
    *openapi.PLACES,
    *mcp.PLACES,
)
