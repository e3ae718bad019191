"""Apps with access: shows and revokes what a user has granted to apps."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import grants_pb2 as pb
from prospectconnect.iam.v1 import grants_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_PAT
from prospectconnect.iam.v1.apps_pb2 import AppMetadata
from prospectconnect.iam.v1.sessions_pb2 import AppView

from services.caller import current_call
from services.clock import SECOND, now, real_now, to_timestamp
from services.errors import NotFound
from services.iam import audit
from services.iam.oauth.redirects import host_of
from services.iam.oauth.sessions import ACCOUNT
from services.postgres.database import Database, Row
from services.sealed.forms import Forms

MOST_LISTED = 1_000
HOUR = 3_600 * SECOND

# An authorization is valid as long as one of its refresh or access tokens is.
_LIST = f"""
SELECT a.client_id, p.metadata, a.redirect_uri, a.scopes, a.created_at, held.at
FROM authorizations AS a
JOIN apps AS p ON p.id = a.client_id
CROSS JOIN LATERAL (
  SELECT max(given.at) AS at FROM (
    SELECT r.created_at AS at FROM refresh_tokens AS r
    WHERE r.business_id = $1 AND r.authorization_id = a.id AND r.expires_at > $3
    UNION ALL
    SELECT t.created_at FROM tokens AS t
    WHERE t.business_id = $1 AND t.authorization_id = a.id AND t.expires_at > $3
  ) AS given
) AS held
WHERE a.business_id = $1 AND a.user_id = $2 AND held.at IS NOT NULL
ORDER BY a.created_at DESC, a.id DESC LIMIT {MOST_LISTED}
"""
_REVOKE = f"""
WITH ended AS (
  DELETE FROM authorizations
  WHERE business_id = $1 AND user_id = $2 AND client_id = $3
  RETURNING id
), told AS ({audit.beside("ended LIMIT 1", "'app_revoked_by_user'", "$2", "$3", 4)})
SELECT count(*) FROM ended
"""
_END = "DELETE FROM authorizations WHERE business_id = $1 AND client_id = $2"
_SWEEP = """
DELETE FROM authorizations AS a
WHERE a.business_id = $1 AND (
  NOT EXISTS (SELECT FROM apps AS p WHERE p.id = a.client_id)
  OR NOT EXISTS (SELECT FROM authorization_codes AS c
    WHERE c.business_id = $1 AND c.authorization_id = a.id AND c.expires_at > $2)
  AND NOT EXISTS (SELECT FROM refresh_tokens AS r
    WHERE r.business_id = $1 AND r.authorization_id = a.id AND r.expires_at > $2)
  AND NOT EXISTS (SELECT FROM tokens AS t
    WHERE t.business_id = $1 AND t.authorization_id = a.id AND t.expires_at > $2)
)
"""
# Deletes old spent secrets. A reuse is then answered like an unknown secret.
_SWEEP_SPENT = "DELETE FROM spent_secrets WHERE business_id = $1 AND spent_at <= $2"
_SWEEP_TOKENS = f"""
DELETE FROM tokens
WHERE business_id = $1 AND kind <> {TOKEN_KIND_PAT} AND expires_at <= $2
"""


class GrantService(grants_pb2_grpc.GrantServiceServicer):
    """The methods of `GrantService`, as the proto describes them."""

    def __init__(self, database: Database, forms: Forms) -> None:
        self._database = database
        self._forms = forms

    async def ListGrantedApps(self, request: pb.ListGrantedAppsRequest, _: Any) -> Any:
        caller = current_call().caller
        values = caller.business_id, caller.user_id, now()
        apps: dict[str, list[Row]] = {}
        for row in await self._database.rows(_LIST, *values):
            apps.setdefault(row[0], []).append(row)
        return pb.ListGrantedAppsResponse(apps=map(_granted, apps.values()))

    async def RevokeGrantedApp(
        self, request: pb.RevokeGrantedAppRequest, _: Any
    ) -> Empty:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        whose = caller.business_id, caller.user_id, request.client_id
        told = audit.beside_values(request.address)
        row = await self._database.row(_REVOKE, *whose, *told)
        if row is None or row[0] == 0:
            raise NotFound("The app has no access.")
        return Empty()


async def end_all(database: Database, client_id: str) -> None:
    """Ends all authorizations of an app, of all tenants."""
    for row in await database.rows("SELECT business_id FROM tenants"):
        await database.run(_END, row[0], client_id)


async def sweep(database: Database, business_id: str, spent_before: int) -> None:
    """Deletes a tenant's authorizations and tokens that are no longer valid.

    It waits an hour, so that no exchange that is running loses them.
    """
    ended_before = real_now() - HOUR
    await database.run(_SWEEP, business_id, ended_before)
    await database.run(_SWEEP_SPENT, business_id, spent_before)
    await database.run(_SWEEP_TOKENS, business_id, ended_before)


def _granted(rows: list[Row]) -> pb.GrantedApp:
    """Returns what an app may do by its authorizations, given the latest first."""
    client_id, metadata, redirect_uri = rows[0][:3]
    name = AppMetadata(**metadata).client_name
    return pb.GrantedApp(
        app=AppView(client_id=client_id, name=name, host=host_of(redirect_uri)),
        scopes=sorted({scope for row in rows for scope in row[3]}),
        granted_at=to_timestamp(min(row[4] for row in rows)),
        last_used_at=to_timestamp(max(row[5] for row in rows)),
    )
