"""Finds apps by their id and authenticates them by their secret.

Apps belong to no tenant. An unknown id and a wrong secret get the same answer.
"""

import hmac
from dataclasses import dataclass
from typing import Any

from prospectconnect.iam.v1.apps_pb2 import AppMetadata
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError
from prospectconnect.iam.v1.sessions_pb2 import AppView

from services.iam import audit
from services.iam.audit import Event
from services.iam.bearer import hash_of
from services.iam.oauth.errors import OauthRefused
from services.iam.oauth.redirects import host_of, matches
from services.ids import is_id
from services.postgres.database import Database

_READ = """
SELECT secret_hash, registration_hash, metadata, created_at FROM apps WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A registered app. Its secrets are known only as hashes."""

    id: str
    secret_hash: bytes | None
    registration_hash: bytes
    metadata: AppMetadata
    created_at: int

    @property
    def refreshes(self) -> bool:
        """Whether the app gets refresh tokens."""
        return "refresh_token" in self.metadata.grant_types

    def redirect(self, given: str) -> str | None:
        """Returns the redirect URI to use, None if the given one is not allowed."""
        uris = self.metadata.redirect_uris
        if not given:
            return uris[0] if len(uris) == 1 else None
        return given if any(matches(uri, given) for uri in uris) else None

    def view(self, redirect_uri: str) -> AppView:
        """Returns what a user sees of the app."""
        name, host = self.metadata.client_name, host_of(redirect_uri)
        return AppView(client_id=self.id, name=name, host=host)


async def find_client(database: Database, client_id: str) -> Client | None:
    """Returns the app with an id, None if there is none."""
    if not is_id("app_", client_id):
        return None
    row = await database.row(_READ, client_id)
    if row is None:
        return None
    return Client(client_id, row[0], row[1], AppMetadata(**row[2]), row[3])


async def prove_client(database: Database, credentials: Any, address: str) -> Client:
    """Authenticates an app. Raises `OauthRefused`: invalid_client.

    The app must use the method that it registered with. A secret that was sent in
    another way is refused even if it is right.
    """
    client = await find_client(database, credentials.client_id)
    if client is not None and _is_proven(client, credentials):
        return client
    if client is not None:
        event = Event("client_refused", client_id=client.id, address=address)
        await audit.record(database, event)
    raise OauthRefused(
        OauthError.OAUTH_ERROR_INVALID_CLIENT,
        "The app is unknown, or did not prove who it is as it registered to.",
    )


def _is_proven(client: Client, credentials: Any) -> bool:
    method = client.metadata.token_endpoint_auth_method
    if credentials.method != method:
        return False
    if client.secret_hash is None:
        return not credentials.client_secret
    given = hash_of(credentials.client_secret)
    return hmac.compare_digest(given, client.secret_hash)
