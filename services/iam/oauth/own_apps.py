"""Own apps: a logged-in user registers and manages apps.

The owner of an app may edit it. What the app may see is granted by each user who uses
it, and does not depend on the owner.
"""

from dataclasses import replace
from typing import Any

import asyncpg
from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import own_apps_pb2 as pb
from prospectconnect.iam.v1 import own_apps_pb2_grpc
from prospectconnect.iam.v1.apps_pb2 import AppMetadata
from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services.bounds import Bound
from services.caller import Caller, current_call
from services.clock import now, to_timestamp
from services.errors import FormInvalid, NotFound, Unavailable
from services.iam.audit import Event
from services.iam.bearer import CLIENT, REGISTRATION, hash_of, new_key
from services.iam.oauth.app_metadata import complete
from services.iam.oauth.apps import HOUR, kept, new_secret, write
from services.iam.oauth.errors import OauthRefused
from services.iam.oauth.sessions import ACCOUNT
from services.ids import new_id
from services.postgres.database import Database, Row
from services.sealed.forms import Forms
from services.sealed.once import id_once
from services.settings import OauthSettings

ROTATE = "rotate"

_OWN = "owner_business_id = $1 AND owner_id = $2"
_COLUMNS = "id, metadata, secret_hash, created_at, used_at"

APPS = Bound(
    name=LimitName.LIMIT_NAME_APPS,
    per=LimitHolder.LIMIT_HOLDER_USER,
    most=50,
    used=f"SELECT NULL::text, count(*) FROM apps WHERE {_OWN}",
)

# Forms sent at the same moment may exceed this; lists must show all, to delete them.
_LIST = f"""
SELECT {_COLUMNS} FROM apps WHERE {_OWN}
ORDER BY created_at DESC, id DESC LIMIT {10 * APPS.most}
"""
_GET = f"SELECT {_COLUMNS} FROM apps WHERE {_OWN} AND id = $3"
_CREATE = """
INSERT INTO apps (owner_business_id, owner_id, id, secret_hash, registration_hash,
  metadata, created_at)
SELECT $1, $2, $3, $4::bytea, $5::bytea, $6::jsonb, $7::timestamptz
WHERE (SELECT count(*) FROM apps WHERE created_at > $8) < $9
"""
_ROTATE = (
    f"UPDATE apps SET secret_hash = $4 WHERE {_OWN} AND id = $3 AND secret_hash = $5"
)
_DELETE = f"DELETE FROM apps WHERE {_OWN} AND id = $3"


class OwnAppService(own_apps_pb2_grpc.OwnAppServiceServicer):
    """The methods of `OwnAppService`, as the proto describes them."""

    def __init__(
        self, database: Database, forms: Forms, settings: OauthSettings
    ) -> None:
        self._database = database
        self._forms = forms
        self._settings = settings

    async def ListOwnApps(self, request: pb.ListOwnAppsRequest, _: Any) -> Any:
        caller = current_call().caller
        rows = await self._database.rows(_LIST, caller.business_id, caller.user_id)
        return pb.ListOwnAppsResponse(apps=[self._app(caller, row) for row in rows])

    async def CreateOwnApp(self, request: pb.CreateOwnAppRequest, _: Any) -> Any:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        await self._check_room(caller)
        metadata = complete(
            AppMetadata(
                client_name=request.name,
                redirect_uris=request.redirect_uris,
                token_endpoint_auth_method=request.token_endpoint_auth_method,
            )
        )
        # The form contains the id of the event, not of the app. Otherwise a form could
        # reuse the id of a deleted app, and with it everything granted to that app.
        event = replace(
            _event("app_registered", caller, new_id("app_"), request.address),
            id=id_once("aud_", request.once),
        )
        secret = await self._register(event, metadata)
        app = self._app(caller, await self._own(caller, event.client_id))
        return pb.CreateOwnAppResponse(app=app, client_secret=secret)

    async def RotateOwnAppSecret(
        self, request: pb.RotateOwnAppSecretRequest, _: Any
    ) -> pb.RotateOwnAppSecretResponse:
        caller = current_call().caller
        row = await self._own(caller, request.client_id)
        if row["secret_hash"] is None:
            raise NotFound("The app has no secret.")
        self._forms.check(request.form_token, *_rotation(caller, row))
        secret, event = new_key(CLIENT), "app_secret_rotated"
        done = await write(
            self._database,
            _event(event, caller, request.client_id, request.address),
            _ROTATE,
            caller.business_id,
            caller.user_id,
            request.client_id,
            hash_of(secret),
            row["secret_hash"],
        )
        if not done:  # another form was faster
            raise FormInvalid
        app = self._app(caller, await self._own(caller, request.client_id))
        return pb.RotateOwnAppSecretResponse(app=app, client_secret=secret)

    async def DeleteOwnApp(self, request: pb.DeleteOwnAppRequest, _: Any) -> Empty:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        event = _event("app_deleted", caller, request.client_id, request.address)
        whose = caller.business_id, caller.user_id, request.client_id
        if not await write(self._database, event, _DELETE, *whose):
            raise NotFound("There is no such app.")
        return Empty()

    async def _register(self, event: Event, metadata: AppMetadata) -> str:
        """Registers the app of an audit event, and returns its secret."""
        secret, moment = new_secret(metadata), now()
        try:
            done = await write(
                self._database,
                event,
                _CREATE,
                event.business_id,
                event.user_id,
                event.client_id,
                hash_of(secret) if secret else None,
                hash_of(new_key(REGISTRATION)),  # shown to nobody: the owner edits
                kept(metadata),
                moment,
                moment - HOUR,
                self._settings.registrations_per_hour,
            )
        except asyncpg.UniqueViolationError:
            raise FormInvalid from None
        if not done:
            raise Unavailable("Too many apps were registered within the hour.")
        return secret

    async def _check_room(self, caller: Caller) -> None:
        """Refuses a new app if registration is closed or the user has too many."""
        message = ""
        if self._settings.registration == "closed":
            message = "Registration is closed."
        else:
            whose = caller.business_id, caller.user_id
            ((_, owned),) = await self._database.rows(APPS.used, *whose)
            if owned >= APPS.most:
                message = f"You have {APPS.most} apps; delete one first."
        if message:
            raise OauthRefused(OauthError.OAUTH_ERROR_ACCESS_DENIED, message)

    async def _own(self, caller: Caller, client_id: str) -> Row:
        whose = caller.business_id, caller.user_id
        row = await self._database.row(_GET, *whose, client_id)
        if row is None:
            raise NotFound("There is no such app.")
        return row

    def _app(self, caller: Caller, row: Row) -> pb.OwnApp:
        metadata = AppMetadata(**row["metadata"])
        app = pb.OwnApp(
            client_id=row["id"],
            name=metadata.client_name,
            redirect_uris=metadata.redirect_uris,
            token_endpoint_auth_method=metadata.token_endpoint_auth_method,
            created_at=to_timestamp(row["created_at"]),
        )
        if row["used_at"] is not None:
            app.used_at.CopyFrom(to_timestamp(row["used_at"]))
        if row["secret_hash"] is not None:
            app.rotate_token = self._forms.token(*_rotation(caller, row))
        return app


def _rotation(caller: Caller, row: Row) -> tuple[str, ...]:
    """Returns the parts of the form token for a new secret.

    They include the old secret, so that the form works once.
    """
    return ROTATE, caller.token_id, row["id"], row["secret_hash"].hex()


def _event(name: str, caller: Caller, client_id: str, address: str) -> Event:
    return Event(name, caller.business_id, caller.user_id, client_id, address)
