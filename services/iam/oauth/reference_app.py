"""The OAuth app of a server's API reference: found, or created if it is missing.

Its id is derived from its redirect URI, so that all processes use the same one. Nobody
has its registration token, so that it cannot be changed.
"""

from hashlib import sha256
from typing import Any

from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services.clock import SECOND, now
from services.errors import Unavailable
from services.iam import audit
from services.iam.audit import Event
from services.iam.bearer import REGISTRATION, hash_of, new_key
from services.iam.oauth.clients import Client, find_client
from services.iam.oauth.errors import OauthRefused
from services.iam.oauth.redirects import fault_of_redirect, without_port
from services.postgres.database import Database, Transaction

NAME = "API reference"

# Two processes that create it at the same time create the same row. It counts as a
# registration.
_MAKE = """
INSERT INTO apps (id, registration_hash, metadata, created_at)
SELECT $1, $2::bytea, $3::jsonb, $4::timestamptz
WHERE (SELECT count(*) FROM apps WHERE created_at > $5) < $6
ON CONFLICT DO NOTHING
"""
_HOUR = 3_600 * SECOND


async def find_or_make(
    database: Database, redirect_uri: str, address: str, per_hour: int
) -> Client:
    """Returns the app.

    Args:
        database: The database of apps.
        redirect_uri: The URI that users are sent back to.
        address: The network address of the request.
        per_hour: The number of apps that may register within an hour.

    Raises:
        OauthRefused: No app may have the redirect URI.
        Unavailable: The app is missing, and too many apps have registered.
    """
    if fault := fault_of_redirect(redirect_uri):
        raise OauthRefused(OauthError.OAUTH_ERROR_INVALID_REDIRECT_URI, fault)
    uri = without_port(redirect_uri)
    client_id = f"app_{sha256(f'{NAME} {uri}'.encode()).hexdigest()[:24]}"
    if found := await find_client(database, client_id):
        return found
    event = Event("app_registered", client_id=client_id, address=address)
    await _make(database, event, uri, per_hour)
    if found := await find_client(database, client_id):
        return found
    raise Unavailable("Too many apps were registered within the hour.")


async def _make(database: Database, event: Event, uri: str, per_hour: int) -> None:
    unknown, moment = hash_of(new_key(REGISTRATION)), now()
    app = event.client_id, unknown, _metadata(uri), moment

    async def make(transaction: Transaction) -> None:
        values = *app, moment - _HOUR, per_hour
        if not (await transaction.run(_MAKE, *values)).endswith(" 0"):
            await audit.record(transaction, event)

    await database.in_transaction(make)


def _metadata(uri: str) -> dict[str, Any]:
    return {
        "client_name": NAME,
        "redirect_uris": [uri],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }
