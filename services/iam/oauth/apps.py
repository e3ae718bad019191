"""Apps register themselves and manage their registration (RFC 7591, RFC 7592)."""

import hmac
from typing import Any, NoReturn

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import apps_pb2 as pb
from prospectconnect.iam.v1 import apps_pb2_grpc
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services.clock import SECOND, now, to_timestamp
from services.errors import NotFound, Unavailable
from services.iam import audit
from services.iam.audit import OPERATOR, Event
from services.iam.bearer import CLIENT, REGISTRATION, hash_of, new_key
from services.iam.oauth import grants
from services.iam.oauth.app_metadata import complete
from services.iam.oauth.clients import Client, find_client
from services.iam.oauth.errors import OauthRefused
from services.iam.oauth.reference_app import find_or_make
from services.ids import new_id
from services.postgres.database import Database, Transaction
from services.settings import OauthSettings

HOUR = 3_600 * SECOND

_REGISTER = """
INSERT INTO apps (id, secret_hash, registration_hash, metadata, created_at)
SELECT $1, $2::bytea, $3::bytea, $4::jsonb, $5::timestamptz
WHERE (SELECT count(*) FROM apps WHERE created_at > $6) < $7
"""
_UPDATE = """
UPDATE apps SET secret_hash = $4, metadata = $3
WHERE id = $1 AND registration_hash = $2
"""
_DELETE = "DELETE FROM apps WHERE id = $1 AND registration_hash = $2"
_LIST = (
    "SELECT id, metadata, created_at, used_at FROM apps ORDER BY created_at DESC, id"
)
_REMOVE = "DELETE FROM apps WHERE id = $1"
_SWEEP = """
DELETE FROM apps WHERE used_at IS NULL AND owner_id IS NULL AND created_at <= $1
"""


class AppService(apps_pb2_grpc.AppServiceServicer):
    """The methods of `AppService`, as the proto describes them."""

    def __init__(self, database: Database, settings: OauthSettings) -> None:
        self._database = database
        self._settings = settings

    async def RegisterApp(self, request: pb.RegisterAppRequest, _: Any) -> Any:
        self._check_open(request.initial_access_token)
        metadata = complete(request.metadata)
        app = pb.App(id=new_id("app_"), metadata=metadata)
        secret, registration = new_secret(metadata), new_key(REGISTRATION)
        moment = now()
        app.created_at.CopyFrom(to_timestamp(moment))

        done = await write(
            self._database,
            _event("app_registered", app.id, request.address),
            _REGISTER,
            app.id,
            hash_of(secret) if secret else None,
            hash_of(registration),
            kept(metadata),
            moment,
            moment - HOUR,
            self._settings.registrations_per_hour,
        )
        if not done:
            raise Unavailable("Too many apps were registered within the hour.")
        return pb.RegisterAppResponse(
            app=app, client_secret=secret, registration_access_token=registration
        )

    async def GetApp(self, request: pb.GetAppRequest, _: Any) -> pb.App:
        return _app(await self._own(request))

    async def UpdateApp(self, request: pb.UpdateAppRequest, _: Any) -> Any:
        client = await self._own(request)
        if request.client_secret and not _same(
            request.client_secret, client.secret_hash
        ):
            raise OauthRefused(
                OauthError.OAUTH_ERROR_INVALID_REQUEST, "That is not the app's secret."
            )
        metadata = complete(request.metadata)
        secret_hash, secret = client.secret_hash, ""
        if metadata.token_endpoint_auth_method == "none":  # noqa: S105 - no secret
            secret_hash = None
        elif secret_hash is None:
            secret = new_secret(metadata)
            secret_hash = hash_of(secret)
        event = _event("app_updated", client.id, request.address)
        values = client.id, client.registration_hash, kept(metadata), secret_hash
        if not await write(self._database, event, _UPDATE, *values):
            _refuse_token()
        app = pb.App(id=client.id, metadata=metadata)
        app.created_at.CopyFrom(to_timestamp(client.created_at))
        return pb.UpdateAppResponse(app=app, client_secret=secret)

    async def DeleteApp(self, request: pb.DeleteAppRequest, _: Any) -> Empty:
        client = await self._own(request)
        event = _event("app_deleted", client.id, request.address)
        values = client.id, client.registration_hash
        if not await write(self._database, event, _DELETE, *values):
            _refuse_token()
        return Empty()

    async def GetReferenceApp(self, request: pb.GetReferenceAppRequest, _: Any) -> Any:
        return _app(
            await find_or_make(
                self._database,
                request.redirect_uri,
                request.address,
                self._settings.registrations_per_hour,
            )
        )

    def _check_open(self, token: str) -> None:
        kind = self._settings.registration
        if kind == "closed":
            message = "Registration is closed."
            raise OauthRefused(OauthError.OAUTH_ERROR_ACCESS_DENIED, message)
        wanted = self._settings.registration_token
        if kind == "token" and not (wanted and _same(token, hash_of(wanted))):
            _refuse_token()

    async def _own(self, request: Any) -> Client:
        """Finds the app by the registration access token of the request."""
        client = await find_client(self._database, request.client_id)
        if client is None or not _same(
            request.registration_access_token, client.registration_hash
        ):
            _refuse_token()
        return client


async def list_apps(database: Database) -> list[dict[str, Any]]:
    """Returns all apps with their metadata, the latest first (administration)."""
    return [
        {
            "client_id": client_id,
            "created_at": to_timestamp(created_at).ToJsonString(),
            "used_at": used_at and to_timestamp(used_at).ToJsonString(),
            **metadata,
        }
        for client_id, metadata, created_at, used_at in await database.rows(_LIST)
    ]


async def delete_app(database: Database, client_id: str) -> None:
    """Deletes an app. Its tokens are refused within a second (administration)."""
    event = _event("app_deleted", client_id, OPERATOR)
    if not await write(database, event, _REMOVE, client_id):
        raise NotFound("There is no such app.")
    # The app of the API reference is created again with the same id.
    await grants.end_all(database, client_id)


async def sweep(database: Database, before: int) -> None:
    """Deletes apps without an owner that registered long ago and never got a token."""
    await database.run(_SWEEP, before)


async def write(database: Database, event: Event, sql: str, *values: Any) -> bool:
    """Writes an app and its audit event in one transaction. False if no row matched."""

    async def write(transaction: Transaction) -> bool:
        if (await transaction.run(sql, *values)).endswith(" 0"):
            return False
        await audit.record(transaction, event)
        return True

    return await database.in_transaction(write)


def _event(name: str, client_id: str, address: str) -> Event:
    return Event(name, client_id=client_id, address=address)


def new_secret(metadata: pb.AppMetadata) -> str:
    """Creates the secret of an app, "" if the app has none."""
    is_public = metadata.token_endpoint_auth_method == "none"  # noqa: S105 - no secret
    return "" if is_public else new_key(CLIENT)


def kept(metadata: pb.AppMetadata) -> dict[str, Any]:
    """Returns the metadata as the database stores it."""
    return {
        item.name: list(value) if item.is_repeated else value
        for item, value in metadata.ListFields()
    }


def _app(client: Client) -> pb.App:
    app = pb.App(id=client.id, metadata=client.metadata)
    app.created_at.CopyFrom(to_timestamp(client.created_at))
    return app


def _same(given: str, kept: bytes | None) -> bool:
    return kept is not None and hmac.compare_digest(hash_of(given), kept)


def _refuse_token() -> NoReturn:
    raise OauthRefused(
        OauthError.OAUTH_ERROR_INVALID_TOKEN,
        "The token is not one that this registration takes.",
    )
