"""Authorizations: an app requests access, its user decides, and the app gets a code.

A request is stored under the hash of a secret that only the user's browser has, and
ends with the first answer. The redirect URI is checked first, so that no refusal is
sent to an address that nobody registered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.iam.v1 import authorizations_pb2 as pb
from prospectconnect.iam.v1 import authorizations_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import Business
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError
from prospectconnect.iam.v1.users_pb2 import User

from services.caller import Caller, current_call
from services.clock import SECOND, now, to_timestamp
from services.iam import audit
from services.iam.bearer import CODE, REQUEST, hash_of, new_key, new_secret, read_key
from services.iam.oauth.app_scopes import DEFAULT_SCOPES, read_scopes, within
from services.iam.oauth.clients import Client, find_client
from services.iam.oauth.errors import OauthRefused
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.roles import RESOURCES, actions_of, scope_permissions
from services.sealed.forms import Forms
from services.settings import OauthSettings

CONSENT = "consent"

MOST_STATE, MOST_RESOURCES, MOST_RESOURCE = 4_096, 10, 2_048
# The longest values that an app may choose. They are stored before anybody logs in.
MOST_TOGETHER = 4_096

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = re.compile(rf"[ -~]{{0,{MOST_STATE}}}")
_RESOURCE = re.compile(rf"[!-~]{{1,{MOST_RESOURCE}}}")

_START = """
INSERT INTO authorization_requests (hash, client_id, redirect_uri, scopes, resources,
  state, challenge, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_READ = """
SELECT client_id, redirect_uri, scopes, expires_at FROM authorization_requests
WHERE hash = $1 AND expires_at > $2
"""
_APPROVE = f"""
WITH asked AS (
  DELETE FROM authorization_requests WHERE hash = $2 AND expires_at > $3
  RETURNING client_id, redirect_uri, scopes, resources, state, challenge
), granted AS (
  INSERT INTO authorizations (business_id, id, user_id, client_id, redirect_uri,
    scopes, permissions, resources, created_at)
  SELECT $1, $4, $5, client_id, redirect_uri, scopes, $6::text[], resources,
    $3::timestamptz FROM asked
), coded AS (
  INSERT INTO authorization_codes (business_id, hash, authorization_id, challenge,
    expires_at)
  SELECT $1, $7::bytea, $4, challenge, $8::timestamptz FROM asked
), told AS ({audit.beside("asked", "'granted'", "$5", "client_id", 9)})
SELECT redirect_uri, state FROM asked
"""
_DENY = f"""
WITH asked AS (
  DELETE FROM authorization_requests WHERE hash = $2 AND expires_at > $3
  RETURNING client_id, redirect_uri, state
), told AS ({audit.beside("asked", "'denied'", "$4", "client_id", 5)})
SELECT redirect_uri, state FROM asked
"""
_SWEEP = "DELETE FROM authorization_requests WHERE expires_at <= $1"


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request without an answer yet."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    expires_at: int


async def find_request(database: Database, request: str) -> Asked:
    """Finds the request with a secret. Raises `OauthRefused` if it has ended."""
    key = read_key(request, REQUEST)
    row = None if key is None else await database.row(_READ, key, now())
    client = None if row is None else await find_client(database, row[0])
    if row is None or client is None:
        raise _ended()
    return Asked(client, row[1], tuple(row[2]), row[3])


def check_resources(resources: Sequence[str], redirect_uri: str = "") -> None:
    """Refuses resources that are not valid URIs: invalid_target (RFC 8707)."""
    if len(resources) > MOST_RESOURCES or not all(map(_RESOURCE.fullmatch, resources)):
        error = OauthError.OAUTH_ERROR_INVALID_TARGET
        message = "There are too many resources, or one is malformed."
        raise OauthRefused(error, message, redirect_uri)


async def sweep(database: Database) -> None:
    """Deletes the requests that were not answered in time."""
    await database.run(_SWEEP, now())


class AuthorizationService(authorizations_pb2_grpc.AuthorizationServiceServicer):
    """The methods of `AuthorizationService`, as the proto describes them."""

    def __init__(
        self,
        database: Database,
        users: Records[User],
        forms: Forms,
        settings: OauthSettings,
    ) -> None:
        self._database = database
        self._users = users
        self._forms = forms
        self._settings = settings

    async def StartAuthorization(
        self, request: pb.StartAuthorizationRequest, _: Any
    ) -> Any:
        client = await find_client(self._database, request.client_id)
        if client is None:
            message = "There is no app with this client_id."
            raise OauthRefused(OauthError.OAUTH_ERROR_INVALID_CLIENT, message)
        redirect_uri = client.redirect(request.redirect_uri)
        if redirect_uri is None:
            message = "The redirect_uri is none that the app registered."
            raise OauthRefused(OauthError.OAUTH_ERROR_INVALID_REDIRECT_URI, message)
        if fault := _fault_of(request):
            raise OauthRefused(*fault, redirect_uri)
        check_resources(request.resources, redirect_uri)
        if len(request.state) + sum(map(len, request.resources)) > MOST_TOGETHER:
            message = "state and the resources together have too many characters."
            error = OauthError.OAUTH_ERROR_INVALID_REQUEST
            raise OauthRefused(error, message, redirect_uri)
        scopes = _scopes(client, request.scope)
        if scopes is None:
            message = "A scope is unknown, not for apps, or not the app's."
            error = OauthError.OAUTH_ERROR_INVALID_SCOPE
            raise OauthRefused(error, message, redirect_uri)
        secret = new_key(REQUEST)
        await self._database.run(
            _START,
            hash_of(secret),
            client.id,
            redirect_uri,
            list(scopes),
            list(dict.fromkeys(request.resources)),
            request.state,
            request.code_challenge,
            now() + self._settings.request_seconds * SECOND,
        )
        return pb.StartAuthorizationResponse(request=secret, redirect_uri=redirect_uri)

    async def GetAuthorization(
        self, request: pb.GetAuthorizationRequest, _: Any
    ) -> pb.Authorization:
        caller = current_call().caller
        asked = await find_request(self._database, request.request)
        return pb.Authorization(
            app=asked.client.view(asked.redirect_uri),
            business=Business(id=caller.business_id, name=caller.business_name),
            user=await self._users.get(caller, caller.user_id),
            scopes=asked.scopes,
            abilities=_abilities(asked.scopes, caller),
            redirect_uri=asked.redirect_uri,
            expires_at=to_timestamp(asked.expires_at),
            form_token=self._forms.token(CONSENT, caller.token_id, request.request),
        )

    async def ApproveAuthorization(
        self, request: pb.ApproveAuthorizationRequest, _: Any
    ) -> Any:
        caller, key = self._answered(request)
        asked = await find_request(self._database, request.request)
        code, moment = new_secret(caller.business_id, CODE), now()
        row = await self._database.row(
            _APPROVE,
            caller.business_id,
            key,
            moment,
            new_id("aut_"),
            caller.user_id,
            sorted(scope_permissions(asked.scopes)),
            hash_of(code),
            moment + self._settings.code_seconds * SECOND,
            *audit.beside_values(request.address),
        )
        if row is None:
            raise _ended()
        return pb.ApproveAuthorizationResponse(
            redirect_uri=row[0], code=code, state=row[1]
        )

    async def DenyAuthorization(
        self, request: pb.DenyAuthorizationRequest, _: Any
    ) -> Any:
        caller, key = self._answered(request)
        told = audit.beside_values(request.address)
        values = caller.business_id, key, now(), caller.user_id, *told
        row = await self._database.row(_DENY, *values)
        if row is None:
            raise _ended()
        return pb.DenyAuthorizationResponse(redirect_uri=row[0], state=row[1])

    def _answered(self, request: Any) -> tuple[Caller, bytes]:
        """Checks the form, and returns the caller and the request's hash."""
        caller = current_call().caller
        token = request.form_token
        self._forms.check(token, CONSENT, caller.token_id, request.request)
        key = read_key(request.request, REQUEST)
        if key is None:
            raise _ended()
        return caller, key


def _fault_of(
    request: pb.StartAuthorizationRequest,
) -> tuple[OauthError.ValueType, str] | None:
    """Returns the fault of the parameters, if any. Scopes are checked separately."""
    invalid = OauthError.OAUTH_ERROR_INVALID_REQUEST
    if request.fault.error:
        return request.fault.error, request.fault.description
    if not request.response_type:
        return invalid, "response_type is missing."
    if request.response_type != "code":
        error = OauthError.OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE
        return error, "The one response_type is code."
    if not _STATE.fullmatch(request.state):
        return invalid, "state has characters that it may not have, or too many."
    if not request.code_challenge:
        return invalid, "code_challenge is missing: PKCE (RFC 7636) is required."
    if request.code_challenge_method != "S256":
        return invalid, "The one code_challenge_method is S256."
    if not _CHALLENGE.fullmatch(request.code_challenge):
        return invalid, "code_challenge is no S256 challenge of 43 characters."
    return None


def _scopes(client: Client, text: str) -> tuple[str, ...] | None:
    """Returns the scopes that an app requests, None if it may not have them."""
    asked, registered = read_scopes(text), read_scopes(client.metadata.scope)
    if asked is None or registered is None:
        return None
    if not asked:
        return registered or DEFAULT_SCOPES
    return asked if not registered or within(asked, registered) else None


def _abilities(scopes: tuple[str, ...], caller: Caller) -> list[pb.Ability]:
    """Returns what scopes allow, in the order of the consent page."""
    granted = scope_permissions(scopes)
    return [
        pb.Ability(
            resource=resource,
            action=action,
            refused_by_role=f"{resource}.{action}" not in caller.role_permissions,
            own_only=resource in caller.own_only,
        )
        for resource in RESOURCES
        for action in actions_of(resource)
        if f"{resource}.{action}" in granted
    ]


def _ended() -> OauthRefused:
    return OauthRefused(
        OauthError.OAUTH_ERROR_INVALID_REQUEST,
        "The request is unknown, was answered, or is too old. Begin again in the app.",
    )
