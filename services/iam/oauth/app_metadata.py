"""Checks the metadata of an app that registers, and adds defaults.

Refusals use the errors of RFC 7591, section 3.2.2.
"""

import unicodedata
from typing import NoReturn

from prospectconnect.iam.v1.apps_pb2 import AppMetadata
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services.iam.oauth.app_scopes import read_scopes
from services.iam.oauth.errors import OauthRefused
from services.iam.oauth.redirects import fault_of_page, fault_of_redirect, host_of

AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post")
GRANT_TYPES = ("authorization_code", "refresh_token")
PAGES = ("client_uri", "logo_uri", "tos_uri", "policy_uri")

MOST_REDIRECTS, MOST_CONTACTS = 20, 10
MOST_NAME, MOST_CONTACT, MOST_SOFTWARE = 100, 254, 255

# Characters that are invisible or change the direction of text. Names have none.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def complete(given: AppMetadata) -> AppMetadata:
    """Returns the metadata with defaults. Raises `OauthRefused`."""
    metadata = AppMetadata()
    metadata.CopyFrom(given)
    _check_redirects(metadata)
    _check_ways(metadata)
    _check_pages(metadata)
    _check_texts(metadata)
    name = metadata.client_name.strip() or host_of(metadata.redirect_uris[0])
    metadata.client_name = name or "An app on your device"
    if read_scopes(metadata.scope) is None:
        _refuse("There is no such scope, or it is not for apps.")
    return metadata


def _check_redirects(metadata: AppMetadata) -> None:
    error = OauthError.OAUTH_ERROR_INVALID_REDIRECT_URI
    if not 1 <= len(metadata.redirect_uris) <= MOST_REDIRECTS:
        raise OauthRefused(error, f"Give 1 to {MOST_REDIRECTS} redirect_uris.")
    for uri in metadata.redirect_uris:
        if fault := fault_of_redirect(uri):
            raise OauthRefused(error, fault)


def _check_ways(metadata: AppMetadata) -> None:
    """Checks how the app authenticates, and by which grants it gets tokens."""
    metadata.token_endpoint_auth_method = (
        metadata.token_endpoint_auth_method or "client_secret_basic"
    )
    if metadata.token_endpoint_auth_method not in AUTH_METHODS:
        _refuse(f"token_endpoint_auth_method is one of {', '.join(AUTH_METHODS)}.")
    grants = tuple(dict.fromkeys(metadata.grant_types)) or GRANT_TYPES
    if not {GRANT_TYPES[0]} <= set(grants) <= set(GRANT_TYPES):
        _refuse("grant_types are authorization_code and, if wanted, refresh_token.")
    if set(metadata.response_types) - {"code"}:
        _refuse("response_types is code alone.")
    del metadata.grant_types[:], metadata.response_types[:]
    metadata.grant_types.extend(grants)
    metadata.response_types.append("code")


def _check_pages(metadata: AppMetadata) -> None:
    for name in PAGES:
        uri = getattr(metadata, name)
        if uri and (fault := fault_of_page(uri)):
            _refuse(f"{name}: {fault}")


def _check_texts(metadata: AppMetadata) -> None:
    if len(metadata.contacts) > MOST_CONTACTS:
        _refuse(f"Give at most {MOST_CONTACTS} contacts.")
    texts = [
        ("client_name", metadata.client_name, MOST_NAME),
        ("software_id", metadata.software_id, MOST_SOFTWARE),
        ("software_version", metadata.software_version, MOST_SOFTWARE),
        *(("contacts", contact, MOST_CONTACT) for contact in metadata.contacts),
    ]
    for name, text, most in texts:
        if len(text) > most:
            _refuse(f"{name} has more than {most} characters.")
        if any(unicodedata.category(character) in _UNSEEN for character in text):
            _refuse(f"{name} has characters that cannot be seen.")


def _refuse(message: str) -> NoReturn:
    raise OauthRefused(OauthError.OAUTH_ERROR_INVALID_CLIENT_METADATA, message)
