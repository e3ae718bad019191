"""The credentials of an app: in HTTP Basic, in the body, or none."""

import base64
import binascii
import re
from typing import NoReturn
from urllib.parse import unquote_plus

from prospectconnect.iam.v1.token_endpoint_pb2 import ClientCredentials

from edge.oauth.refusals import refused
from edge.web.visit import Visit

_BASIC = re.compile(r"basic +([A-Za-z0-9+/]*={0,2})", re.IGNORECASE)


def credentials(visit: Visit) -> ClientCredentials:
    """The app's credentials in a request; the services check them (RFC 6749, 2.3).

    The body may repeat the `client_id` of Basic. An empty secret counts as none.

    Raises:
        ProblemError: `invalid_client` for a header that cannot be read,
            `invalid_request` for an app that authenticates in two ways.
    """
    in_body = visit.parameters.get("client_id")
    secret = visit.parameters.get("client_secret")
    headers = visit.header("authorization")
    if not headers:
        method = "client_secret_post" if secret else "none"
        return _credentials(in_body, secret, method)
    if secret or len(headers) > 1:
        raise refused("invalid_request", "The app proves itself in two ways.")
    client_id, secret = _basic(headers[0])
    if in_body and in_body != client_id:
        raise refused("invalid_request", "Two different client_ids are given.")
    return _credentials(client_id, secret, "client_secret_basic" if secret else "none")


def _credentials(client_id: str, secret: str, method: str) -> ClientCredentials:
    return ClientCredentials(client_id=client_id, client_secret=secret, method=method)


def _basic(header: str) -> tuple[str, str]:
    """The client id and secret of HTTP Basic, each form-encoded inside."""
    found = _BASIC.fullmatch(header.strip(" \t"))
    if found is None:
        _refuse()
    try:
        text = base64.b64decode(found[1], validate=True).decode()
        client_id, colon, secret = text.partition(":")
        if not colon:
            _refuse()
        return unquote_plus(client_id, errors="strict"), unquote_plus(
            secret, errors="strict"
        )
    except (binascii.Error, UnicodeDecodeError):
        _refuse()


def _refuse() -> NoReturn:
    raise refused("invalid_client", "The Authorization header is not HTTP Basic.")
