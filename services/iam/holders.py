"""Holders: the tokens and apps that usage is shown for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prospectconnect.iam.v1 import usage_pb2 as pb

from services.clock import real_now
from services.iam.descent import holds
from services.postgres.database import Database

_TOKENS = f"""
SELECT id, coalesce(name, ''), CASE
  WHEN (expires_at IS NULL OR expires_at > $3) AND {holds("tokens")}
  THEN limit_requests END, limit_seconds
FROM tokens WHERE business_id = $1 AND id = ANY($2::text[])
"""
_APPS = "SELECT id, metadata ->> 'client_name' FROM apps WHERE id = ANY($1::text[])"
_USERS = """
SELECT id, email FROM users WHERE business_id = $1 AND id = ANY($2::text[])
"""

Pair = tuple[str, str]  # a user's id and a holder's id


@dataclass(frozen=True, slots=True)
class Holders:
    """The names and limits of the holders that an answer shows."""

    names: Mapping[str, str]
    limits: Mapping[str, tuple[int, int]]
    emails: Mapping[str, str]

    def told(self, pair: Pair) -> pb.Holder:
        """Returns one holder."""
        user_id, holder_id = pair
        return pb.Holder(
            id=holder_id,
            name=self.names.get(holder_id, ""),
            email=self.emails.get(user_id, ""),
        )


async def find_holders(
    database: Database, business_id: str, pairs: Iterable[Pair]
) -> Holders:
    """Reads the names, limits and users of a tenant's holders."""
    given = list(pairs)
    users = sorted({user_id for user_id, _ in given})
    ids = sorted({holder_id for _, holder_id in given})
    tokens: list[Any] = await database.rows(_TOKENS, business_id, ids, real_now())
    apps: list[Any] = await database.rows(_APPS, ids)
    return Holders(
        names={row[0]: row[1] for row in (*tokens, *apps)},
        limits={row[0]: (row[2], row[3]) for row in tokens if row[2] is not None},
        emails=dict(map(tuple, await database.rows(_USERS, business_id, users))),
    )
