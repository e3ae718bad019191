"""All places outside `/v1`, of each room that has some."""

from edge.oauth import places as oauth
from edge.pages import places as pages
from edge.web import security_txt
from edge.web.place import Place

PLACES: tuple[Place, ...] = (*oauth.PLACES, *pages.PLACES, security_txt.PLACE)
