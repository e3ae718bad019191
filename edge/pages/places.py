"""The places of the web pages, and of `/oauth/authorize`. A refusal is a page, too."""

from types import MappingProxyType

from edge.oauth.authorize import authorize
from edge.pages import consent, login, logout, sender_links, subscriptions
from edge.pages.refusal import refusal_page
from edge.web import addresses
from edge.web.place import Action, Place
from edge.web.render import file
from edge.web.same_site import check_site
from edge.web.visit import limited, read_form, read_nothing, read_query


def _place(path: str, **actions: Action) -> Place:
    return Place(path, MappingProxyType(actions), refusal_page, cross_origin=False)


_PAGE = (limited("pages"), read_query)
_FORM = (limited("pages"), check_site, read_form)
# The services store each of these before any login, so an address gets far fewer.
_BEGINNING = (limited("pages"), limited("authorizations"), read_query)

PLACES = (
    _place("/oauth/authorize", GET=Action(authorize, _BEGINNING)),
    _place(
        addresses.LOGIN, GET=Action(login.show, _PAGE), POST=Action(login.log_in, _FORM)
    ),
    _place(
        addresses.CONSENT,
        GET=Action(consent.show, _PAGE),
        POST=Action(consent.decide, _FORM),
    ),
    _place(
        addresses.LOGOUT,
        GET=Action(logout.show, _PAGE),
        POST=Action(logout.log_out, _FORM),
    ),
    subscriptions.PLACE,
    sender_links.PLACE,
    _place(f"{addresses.FILES}/<name>", GET=Action(file, (read_nothing,))),
)
