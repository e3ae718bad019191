"""The app that the API reference of a server is: found, or made when it is missing.

Its id follows from where users are sent back to, so that all processes agree on it; and
nobody holds its registration, so that it stays what it is.
"""

from hashlib import sha256
from typing import Any

from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services import audit
from services.audit import Event
from services.bearer import REGISTRATION, hash_of, new_key
from services.clients import Client, find_client
from services.clock import now
from services.database import Database, Transaction
from services.errors import OauthRefused
from services.redirects import fault_of_redirect, without_port

NAME = "API reference"

# Two who miss it at once make the same one.
_MAKE = """
INSERT INTO apps (id, registration_hash, metadata, created_at)
VALUES ($1, $2::bytea, $3::jsonb, $4::timestamptz) ON CONFLICT DO NOTHING
"""


async def find_or_make(database: Database, redirect_uri: str, address: str) -> Client:
    """The app; raises `OauthRefused` for a redirect URI that no app could have."""
    if fault := fault_of_redirect(redirect_uri):
        raise OauthRefused(OauthError.OAUTH_ERROR_INVALID_REDIRECT_URI, fault)
    uri = without_port(redirect_uri)
    client_id = f"app_{sha256(f'{NAME} {uri}'.encode()).hexdigest()[:24]}"
    while (found := await find_client(database, client_id)) is None:
        await _make(database, client_id, uri, address)
    return found


async def _make(database: Database, client_id: str, uri: str, address: str) -> None:
    event = Event("app_registered", client_id=client_id, address=address)
    unknown = hash_of(new_key(REGISTRATION))

    async def make(transaction: Transaction) -> None:
        values = client_id, unknown, _metadata(uri), now()
        if not (await transaction.run(_MAKE, *values)).endswith(" 0"):
            await audit.record(transaction, event)

    await database.together(make)


def _metadata(uri: str) -> dict[str, Any]:
    return {
        "client_name": NAME,
        "redirect_uris": [uri],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }
