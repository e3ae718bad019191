"""Pages of a tenant's changes, as its owner reads them."""

from prospectconnect.crm.v1 import changes_pb2 as pb

from services.caller import Call, Caller
from services.changes import order
from services.changes.merges import MARGIN
from services.changes.order import Position
from services.changes.reading import Feed
from services.changes.tellers import CHANGED, STATE
from services.postgres.database import Database
from services.roles import (
    DEFAULT_ROLES,
    EVERY_SCOPE,
    role_permissions,
    scope_permissions,
)

AT_ONCE = 100
EARLIEST, NOW = "earliest", "now"
_OWNER = "owner"

_TENANT = """
SELECT name, schema_generation, has_merges, sandbox_of IS NOT NULL FROM tenants
WHERE business_id = $1
"""
_MAY = scope_permissions(EVERY_SCOPE), role_permissions(_OWNER, DEFAULT_ROLES[_OWNER])


class Pages:
    """Reads changes for relays. `start` is where tenants begin when none has run yet.

    A tenant that was made later begins with its first change.
    """

    def __init__(self, database: Database, feed: Feed, start: str) -> None:
        self._database, self._feed, self._start = database, feed, start

    async def read(
        self, business_id: str, position: Position
    ) -> tuple[pb.ReadChangesResponse, Position]:
        """The changes after a position, and where they end. Raises `ChangesGone`."""
        caller = await self._owner(business_id)
        request = pb.ReadChangesRequest(include=[CHANGED, STATE], limit=AT_ONCE)
        return await self._feed.read(Call(caller), request, position)

    async def start(self, business_id: str, *, is_later: bool) -> Position:
        """Where a tenant begins that has no position."""
        if is_later or self._start == EARLIEST:
            return await self.earliest(business_id)
        return await order.horizon(self._database)

    async def earliest(self, business_id: str) -> Position:
        """Where what is kept begins."""
        since = await order.began(self._database, business_id)
        return await order.place_since(self._database, business_id, since, MARGIN)

    async def _owner(self, business_id: str) -> Caller:
        row = await self._database.row(_TENANT, business_id)
        told = ("", 0, False, False) if row is None else row
        name, generation, merges, is_sandbox = told
        scopes, role = _MAY
        return Caller(
            business_id=business_id,
            business_name=name,
            currency="",
            user_id="",
            role=_OWNER,
            token_id="",
            token_kind=0,
            client_id="",
            scopes=EVERY_SCOPE,
            scope_permissions=scopes,
            role_permissions=role,
            own_only=frozenset(),
            token_limit=(0, 0),
            tenant_limit=(0, 0),
            expires_at=None,
            schema_generation=generation,
            has_merges=merges,
            sandbox=is_sandbox,
        )
