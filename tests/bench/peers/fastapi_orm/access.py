"""The caller and their permissions: dependencies of the routes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tests.bench.peers.fastapi_orm.models import Token, User

FIRST_VERSION = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Caller:
    """The tenant and the user of a token, with the permissions of both."""

    business_id: str
    user_id: str
    scopes: frozenset[str]
    grants: Mapping[str, Any]

    def grant(self, resource: str) -> Mapping[str, Any]:
        """The role's grant for a resource."""
        found: Mapping[str, Any] = self.grants.get(resource) or self.grants.get("*", {})
        return found

    def sees_all(self, resource: str) -> bool:
        """Whether the caller sees records of others, too."""
        return self.grant(resource).get("visibility") == "all"


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with request.app.state.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))
]


async def current_caller(session: Session, bearer: Bearer) -> Caller:
    """401: the token is known and valid, and its user active."""
    if bearer is None:
        raise HTTPException(401, "A bearer token is needed.")
    user = joinedload(Token.user, innerjoin=True)
    statement = (
        select(Token)
        .where(Token.hash == sha256(bearer.credentials.encode()).digest())
        .options(user.joinedload(User.role, innerjoin=True))
    )
    token = await session.scalar(statement)
    if token is None or token.revoked_at is not None or not token.user.active:
        raise HTTPException(401, "The token is unknown or revoked.")
    if token.expires_at is not None and token.expires_at <= datetime.now(UTC):
        raise HTTPException(401, "The token has expired.")
    return Caller(
        token.business_id,
        token.user_id,
        frozenset(token.scopes),
        token.user.role.grants,
    )


async def checked_version(version: Annotated[date, Header()]) -> date:
    """400: the dated version exists."""
    if not FIRST_VERSION <= version <= datetime.now(UTC).date():
        raise HTTPException(400, f"There is no version {version}.")
    return version


def may(resource: str, action: str) -> Callable[..., Awaitable[Caller]]:
    """403: the token's scopes and the user's role both allow an action."""

    async def check(
        caller: Annotated[Caller, Depends(current_caller)],
        _: Annotated[date, Depends(checked_version)],
    ) -> Caller:
        if caller.scopes.isdisjoint((f"{resource}.{action}", f"{resource}.all")):
            raise HTTPException(403, f"The scope {resource}.{action} is needed.")
        if action not in caller.grant(resource).get("actions", ()):
            raise HTTPException(403, f"The role does not allow {resource}.{action}.")
        return caller

    return check


Reader = Annotated[Caller, Depends(may("contact", "read"))]
Writer = Annotated[Caller, Depends(may("contact", "write"))]
