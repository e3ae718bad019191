"""The limits of a tenant, all in one answer and all counted by one statement.

They come from the bounds that are enforced. A new bound is one more in `_BOUNDS`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from prospectconnect.iam.v1 import limits_pb2 as pb
from prospectconnect.iam.v1 import limits_pb2_grpc

from services.bounds import Bound
from services.caller import Caller, current_call
from services.iam.oauth.own_apps import APPS
from services.postgres.database import Database
from services.sandboxes.bounds import SANDBOXES
from services.schema.bounds import (
    ASSOCIATION_TYPES,
    FIELDS,
    FORMULAS,
    OBJECTS,
    OPTIONS,
    UNIQUE_FIELDS,
)
from services.senders.bounds import SENDERS
from services.webhooks.bounds import WEBHOOKS

_OF_SCHEMA = (FIELDS, UNIQUE_FIELDS, FORMULAS, OPTIONS, OBJECTS, ASSOCIATION_TYPES)
_BOUNDS = (*_OF_SCHEMA, APPS, WEBHOOKS, SANDBOXES, SENDERS)

# Whoever has one of these may know which custom objects there are.
_KNOWS_OBJECTS = ("schema.read", "record.read")

# The place of the rows that list the tenant's custom objects.
_LISTED = len(_BOUNDS)

_USED = "\nUNION ALL\n".join(
    [
        *(
            f"SELECT {place}, used.* FROM ({bound.used}) AS used (object, number)"
            for place, bound in enumerate(_BOUNDS)
        ),
        f"SELECT {_LISTED}, slug, 0 FROM objects"
        " WHERE business_id = $1 AND NOT built_in AND NOT archived",
    ]
)

Used = dict[tuple[int, str | None], int]


class LimitService(limits_pb2_grpc.LimitServiceServicer):
    """The methods of `LimitService`, as the proto describes them."""

    def __init__(self, database: Database, objects: Sequence[str]) -> None:
        """`objects` are the built-in records that can have fields."""
        self._database = database
        self._objects = objects

    async def GetLimits(self, request: pb.GetLimitsRequest, _: Any) -> pb.Limits:
        caller = current_call().caller
        rows = await self._database.rows(_USED, caller.business_id, caller.user_id)
        used = {(place, each): number for place, each, number in rows}
        custom = []
        if any(map(caller.may, _KNOWS_OBJECTS)):
            custom = sorted(each or "" for place, each in used if place == _LISTED)
        objects = [*self._objects, *custom]
        limits = list(_of_requests(caller))
        for place, bound in enumerate(_BOUNDS):
            is_per_object = bound.per == pb.LIMIT_HOLDER_OBJECT
            holders = objects if is_per_object else (None,)
            limits += _of_bound(place, bound, used, holders)
        return pb.Limits(data=limits)


def _of_bound(
    place: int, bound: Bound, used: Used, holders: Sequence[str | None]
) -> Iterator[pb.Limit]:
    for each in holders:
        yield pb.Limit(
            name=bound.name,
            per=bound.per,
            object=each,
            limit=bound.most,
            used=used.get((place, each), 0),
        )


def _of_requests(caller: Caller) -> Iterator[pb.Limit]:
    """The rate limits. What is used of them is known where requests are counted."""
    for per, (limit, window_seconds) in (
        (pb.LIMIT_HOLDER_TOKEN, caller.token_limit),
        (pb.LIMIT_HOLDER_TENANT, caller.tenant_limit),
    ):
        yield pb.Limit(
            name=pb.LIMIT_NAME_REQUESTS,
            per=per,
            limit=limit,
            window_seconds=window_seconds,
        )
