"""Makers: the users that something goes on for when its request has ended.

It may do what its maker's role grants, within the scopes of the token that made it, as
long as both stand: of an app, while its authorization lives.
"""

from dataclasses import dataclass, replace

from services.caller import Caller
from services.clock import real_now
from services.iam.access import caller_of
from services.iam.descent import holds
from services.iam.live_users import stays
from services.postgres.database import Database

_FIND = f"""
SELECT n.name, n.currency, u.id, u.role, $3::text, 0, $4::text,
  coalesce(a.scopes, t.scopes, '{{}}'), g.grants, n.limit_requests, n.limit_seconds,
  n.limit_requests, n.limit_seconds, t.expires_at, coalesce(t.makers, '{{}}'),
  n.schema_generation, n.has_merges, n.sandbox_of, n.clock_ahead,
  n.resets, n.resetting_since IS NOT NULL
FROM users AS u
JOIN roles AS g ON g.business_id = $1 AND g.name = u.role
JOIN tenants AS n ON n.business_id = $1
LEFT JOIN tokens AS t ON t.business_id = $1 AND t.id = $3 AND $4 = ''
LEFT JOIN LATERAL (
  SELECT a.scopes FROM authorizations AS a
  JOIN apps AS p ON p.id = a.client_id
  WHERE a.business_id = $1 AND a.user_id = $2 AND a.client_id = $4 AND (
    EXISTS (SELECT FROM refresh_tokens AS r WHERE r.business_id = $1
      AND r.authorization_id = a.id AND r.expires_at > $5)
    OR EXISTS (SELECT FROM tokens AS s WHERE s.business_id = $1
      AND s.authorization_id = a.id AND s.expires_at > $5))
  ORDER BY a.created_at DESC, a.id DESC LIMIT 1
) AS a ON true
WHERE u.business_id = $1 AND u.id = $2 AND u.active AND u.deleted_at IS NULL
  AND {stays()}
  AND CASE WHEN $4 <> '' THEN a.scopes IS NOT NULL
    WHEN $3 <> '' THEN {holds("t")} AND (t.expires_at IS NULL OR t.expires_at > $5)
    ELSE true END
"""


@dataclass(frozen=True, slots=True)
class Maker:
    """A user, with the app and the token that it used; "" for a session."""

    user_id: str
    client_id: str = ""
    token_id: str = ""


async def find_maker(
    database: Database, business_id: str, maker: Maker
) -> Caller | None:
    """The caller as it is now; None once it may do nothing more."""
    given = maker.user_id, maker.token_id, maker.client_id
    row = await database.row(_FIND, business_id, *given, real_now())
    if row is None:
        return None
    caller = caller_of(business_id, row)
    if maker.client_id or maker.token_id:
        return caller
    return replace(caller, scope_permissions=caller.role_permissions)
