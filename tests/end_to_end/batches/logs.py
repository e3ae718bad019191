"""What the log of changes holds of a tenant, as it stands in the database."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import asyncpg

from tests.end_to_end.batches.twins import Side
from tests.world import Tenant

# Who made a change, and by which request.
ACTOR = ("user_id", "client_id", "token_id", "trace_id")
_CREATED = 1


def rows_of(tenant: Tenant) -> list[Mapping[str, Any]]:
    """All changes of a tenant's records, those of one record in their order."""

    async def read() -> list[Mapping[str, Any]]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            found = await link.fetch(
                "SELECT * FROM changes WHERE business_id = $1"
                " ORDER BY record_id, version",
                tenant.business_id,
            )
        finally:
            await link.close()
        return [dict(each) for each in found]

    return asyncio.run(read())


def lives(tenant: Tenant, side: Side) -> list[str]:
    """What was done to each record, with labels in the place of ids.

    Moments are left out, and with them what activities do to a contact: a batch tells
    the newest moment of a contact alone, single requests each one between.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    versions: dict[str, list[int]] = defaultdict(list)
    for row in rows_of(tenant):
        record_id, operation = row["record_id"], row["operation"]
        versions[record_id].append(row["version"])
        was, now, image = (_told(side, row[name]) for name in ("was", "now", "image"))
        if operation != _CREATED:
            image = None  # by the version alone
        if operation == _CREATED or now:
            found[record_id].append((row["object"], operation, was, now, image))
    for record_id, each in versions.items():
        first = 1 if record_id in side.ids.values() else 2  # the creation by the server
        assert each == list(range(first, first + len(each))), record_id
    return sorted(f"{side.named(each)} {told!r}" for each, told in found.items())


def _told(side: Side, text: str | None) -> Any:
    values = None if text is None else json.loads(text)
    if values and "deleted_at" in values:
        values["deleted_at"] = values["deleted_at"] is not None
    return side.named(values)
