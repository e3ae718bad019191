"""Apps register themselves and keep their own registration (RFC 7591, RFC 7592)."""

import hmac
from typing import Any, NoReturn

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import apps_pb2 as pb
from prospectconnect.iam.v1 import apps_pb2_grpc
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services import audit
from services.app_metadata import complete
from services.audit import Event
from services.bearer import CLIENT, REGISTRATION, hash_of, new_key
from services.clients import Client, find_client
from services.clock import SECOND, now, to_timestamp
from services.database import Database, Transaction
from services.errors import OauthRefused, Unavailable
from services.ids import new_id
from services.settings import OauthSettings

_HOUR = 3_600 * SECOND

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
_SWEEP = "DELETE FROM apps WHERE used_at IS NULL AND created_at <= $1"


class AppService(apps_pb2_grpc.AppServiceServicer):
    """The methods of `AppService`; what they promise stands in the proto."""

    def __init__(self, database: Database, settings: OauthSettings) -> None:
        self._database = database
        self._settings = settings

    async def RegisterApp(self, request: pb.RegisterAppRequest, _: Any) -> Any:
        self._check_open(request.initial_access_token)
        metadata = complete(request.metadata)
        app = pb.App(id=new_id("app_"), metadata=metadata)
        secret, registration = _new_secret(metadata), new_key(REGISTRATION)
        moment = now()
        app.created_at.CopyFrom(to_timestamp(moment))

        async def register(transaction: Transaction) -> str:
            done = await transaction.run(
                _REGISTER,
                app.id,
                hash_of(secret) if secret else None,
                hash_of(registration),
                _kept(metadata),
                moment,
                moment - _HOUR,
                self._settings.registrations_per_hour,
            )
            event = _event("app_registered", app.id, request.address)
            if done == "INSERT 0 1":
                await audit.record(transaction, event)
            return done

        if await self._database.together(register) != "INSERT 0 1":
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
            secret = _new_secret(metadata)
            secret_hash = hash_of(secret)
        values = client.id, client.registration_hash, _kept(metadata), secret_hash
        await self._change(_UPDATE, *values, event="app_updated", request=request)
        app = pb.App(id=client.id, metadata=metadata)
        app.created_at.CopyFrom(to_timestamp(client.created_at))
        return pb.UpdateAppResponse(app=app, client_secret=secret)

    async def DeleteApp(self, request: pb.DeleteAppRequest, _: Any) -> Empty:
        client = await self._own(request)
        values = client.id, client.registration_hash
        await self._change(_DELETE, *values, event="app_deleted", request=request)
        return Empty()

    def _check_open(self, token: str) -> None:
        kind = self._settings.registration
        if kind == "closed":
            message = "Registration is closed."
            raise OauthRefused(OauthError.OAUTH_ERROR_ACCESS_DENIED, message)
        wanted = self._settings.registration_token
        if kind == "token" and not (wanted and _same(token, hash_of(wanted))):
            _refuse_token()

    async def _own(self, request: Any) -> Client:
        """The app whose registration access token the request has."""
        client = await find_client(self._database, request.client_id)
        if client is None or not _same(
            request.registration_access_token, client.registration_hash
        ):
            _refuse_token()
        return client

    async def _change(self, sql: str, *values: Any, event: str, request: Any) -> None:
        """Changes an app that is there still, and records it."""

        async def change(transaction: Transaction) -> str:
            done = await transaction.run(sql, *values)
            if not done.endswith(" 0"):
                happened = _event(event, request.client_id, request.address)
                await audit.record(transaction, happened)
            return done

        if (await self._database.together(change)).endswith(" 0"):
            _refuse_token()


async def sweep(database: Database, before: int) -> None:
    """Forgets apps that registered before a moment and never got a token."""
    await database.run(_SWEEP, before)


def _event(name: str, client_id: str, address: str) -> Event:
    return Event(name, client_id=client_id, address=address)


def _new_secret(metadata: pb.AppMetadata) -> str:
    is_public = metadata.token_endpoint_auth_method == "none"  # noqa: S105 - no secret
    return "" if is_public else new_key(CLIENT)


def _kept(metadata: pb.AppMetadata) -> dict[str, Any]:
    """The metadata as the database keeps it."""
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
