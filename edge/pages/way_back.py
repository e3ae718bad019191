"""The page that a user wanted when they were redirected to the login.

The whole address is compared with the existing pages of an account. So no link can make
a login lead to another site, or to an address that does something when it is opened.
"""

import re

from edge.web.addresses import ACCOUNT, ACCOUNT_PAGES, APPS_BEFORE
from edge.web.visit import Visit

_ID = re.compile("<[a-z_]+>")
_PATH = "|".join(
    "[A-Za-z0-9_-]{1,64}".join(map(re.escape, _ID.split(page)))
    for page in (*ACCOUNT_PAGES, APPS_BEFORE)
)
_PAGE = re.compile(rf"(?:{_PATH})(?:\?[A-Za-z0-9._~%+&=-]{{0,512}})?")


def wanted(visit: Visit) -> str:
    """The page that a visit is for; for a sent form, the page with the form."""
    path, mark, query = visit.request.raw_url.decode("latin-1").partition("?")
    return known_page(f"{path}{mark}{query}" if visit.request.method == "GET" else path)


def known_page(address: str) -> str:
    """The address, if it is that of a page; empty for others and for the first page."""
    return address if _PAGE.fullmatch(address) and address != ACCOUNT else ""
