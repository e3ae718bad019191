"""Sessions: a user logs in with a browser, and logs out.

A session is stored as a token of its own kind with all scopes, so that it may do what
the user's role allows. Its secret is created at login and at no other time.
"""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import sessions_pb2 as pb
from prospectconnect.iam.v1 import sessions_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION, Business
from prospectconnect.iam.v1.users_pb2 import User

from services.caller import current_call
from services.clock import SECOND, now, to_timestamp
from services.errors import LoginRefused
from services.iam import attempts, audit
from services.iam.attempts import attempt_of
from services.iam.audit import Event
from services.iam.bearer import SESSION, hash_of, new_secret
from services.iam.logins import Known, find_user
from services.iam.oauth.authorizations import find_request
from services.iam.passwords import Passwords
from services.iam.tokens import DEFAULT_LIMIT
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.roles import EVERY_SCOPE
from services.sealed.forms import Forms
from services.settings import OauthSettings

LOGIN, ACCOUNT = "login", "account"
_MARKED = "the address of a refused login"

_BEGIN = f"""
WITH begun AS (
  INSERT INTO tokens (business_id, hash, id, user_id, kind, scopes, limit_requests,
    limit_seconds, created_at, expires_at)
  VALUES ($1, $2, $3, $4, {TOKEN_KIND_SESSION}, $5, $6, $7, $8, $9)
  RETURNING user_id
)
{audit.beside("begun", "'logged_in'", "user_id", "''", 10)}
"""
_END = f"""
WITH ended AS (
  DELETE FROM tokens WHERE business_id = $1 AND id = $2 AND kind = {TOKEN_KIND_SESSION}
  RETURNING user_id
)
{audit.beside("ended", "'logged_out'", "user_id", "''", 3)}
"""


class SessionService(sessions_pb2_grpc.SessionServiceServicer):
    """The methods of `SessionService`, as the proto describes them."""

    def __init__(
        self,
        database: Database,
        users: Records[User],
        forms: Forms,
        passwords: Passwords,
        settings: OauthSettings,
    ) -> None:
        self._database = database
        self._users = users
        self._forms = forms
        self._passwords = passwords
        self._settings = settings

    async def GetLoginForm(self, request: pb.GetLoginFormRequest, _: Any) -> Any:
        form = pb.LoginForm(
            form_token=self._forms.token(LOGIN, request.browser, request.request)
        )
        if request.request:
            asked = await find_request(self._database, request.request)
            form.app.CopyFrom(asked.client.view(asked.redirect_uri))
        return form

    async def LogIn(self, request: pb.LogInRequest, _: Any) -> pb.LogInResponse:
        parts = LOGIN, request.browser, request.request
        self._forms.check(request.form_token, *parts)
        attempt = attempt_of(request.email, request.browser, request.address)
        await attempts.pay(self._database, attempt)
        user = await find_user(self._database, request.email, request.workspace)
        if not await self._passwords.fits(user.password_hash, request.password):
            told = _refusal(user, request, self._mark(user, request))
            await audit.record(self._database, told)
            raise LoginRefused
        await attempts.forgive(self._database, attempt)
        return await self._begin(user, request.address)

    def _mark(self, user: Known, request: pb.LogInRequest) -> str:
        """What stands for the address of a refused login, after its erasure too.

        Without the key nobody finds the address by it. With it, one can tell whether
        attempts were made with one address, and whether with a certain one.
        """
        if "@" not in request.email:
            return ""
        made = self._forms.token(_MARKED, user.business_id, request.email.lower())
        return f"eml_{made}"

    async def GetSession(self, request: pb.GetSessionRequest, _: Any) -> pb.Session:
        caller = current_call().caller
        assert caller.expires_at is not None  # noqa: S101 - every session ends
        return pb.Session(
            business=Business(id=caller.business_id, name=caller.business_name),
            user=await self._users.get(caller, caller.user_id),
            expires_at=to_timestamp(caller.expires_at),
            form_token=self._forms.token(ACCOUNT, caller.token_id),
        )

    async def LogOut(self, request: pb.LogOutRequest, _: Any) -> Empty:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        told = audit.beside_values(request.address)
        await self._database.run(_END, caller.business_id, caller.token_id, *told)
        return Empty()

    async def _begin(self, user: Known, address: str) -> pb.LogInResponse:
        secret, moment = new_secret(user.business_id, SESSION), now()
        ends = moment + self._settings.session_seconds * SECOND
        await self._database.run(
            _BEGIN,
            user.business_id,
            hash_of(secret),
            new_id("ses_"),
            user.user_id,
            list(EVERY_SCOPE),
            *DEFAULT_LIMIT,
            moment,
            ends,
            *audit.beside_values(address),
        )
        return pb.LogInResponse(session=secret, expires_at=to_timestamp(ends))


def _refusal(user: Known, request: pb.LogInRequest, mark: str) -> Event:
    """Returns the audit event of a refused login.

    It omits a text that is no e-mail address, which may be a password in a wrong field.
    """
    return Event(
        "login_refused",
        user.business_id,
        user.user_id,
        address=request.address,
        target=mark,
        details={"email": request.email if "@" in request.email else ""},
    )
