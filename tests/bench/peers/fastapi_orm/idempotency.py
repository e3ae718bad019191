"""Idempotency keys: the answer is stored in the transaction of the request."""

from datetime import UTC, datetime
from hashlib import sha256

import orjson
from fastapi import HTTPException, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from tests.bench.peers.fastapi_orm.access import Caller
from tests.bench.peers.fastapi_orm.models import IdempotencyKey


async def fingerprint(request: Request) -> bytes:
    """Identifies a request; spacing and the order of keys do not matter."""
    body = orjson.dumps(await request.json(), option=orjson.OPT_SORT_KEYS)
    return sha256(f"{request.method} {request.url.path} ".encode() + body).digest()


async def keep(
    session: AsyncSession, caller: Caller, key: str, request: Request, answer: bytes
) -> None:
    """Adds the key to the session's transaction."""
    kept = IdempotencyKey(
        business_id=caller.business_id,
        user_id=caller.user_id,
        key=key,
        fingerprint=await fingerprint(request),
        answer=answer,
        created_at=datetime.now(UTC),
    )
    session.add(kept)


async def replay(
    session: AsyncSession, caller: Caller, key: str, request: Request
) -> Response | None:
    """The stored answer of the key, if there is one."""
    primary_key = (caller.business_id, caller.user_id, key)
    kept = await session.get(IdempotencyKey, primary_key)
    if kept is None:
        return None
    if kept.fingerprint != await fingerprint(request):
        raise HTTPException(422, "The key was used for another request.")
    headers = {"Idempotent-Replayed": "true"}
    return Response(kept.answer, 201, headers, "application/json")
