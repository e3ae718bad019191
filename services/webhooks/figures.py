"""How the deliveries of webhooks go: what their answers tell besides the record."""

from collections.abc import Iterable
from typing import Any

from services.caller import Caller
from services.clock import to_timestamp
from services.postgres.database import Database
from services.webhooks.statements import STATISTICS

_COUNTS = ("pending", "delivered", "given_up")
_MOMENTS = {
    "oldest": "oldest_pending_at",
    **{n: n for n in ("failing_since", "last_success_at", "last_failure_at")},
}


async def tell(database: Database, caller: Caller, webhooks: Iterable[Any]) -> None:
    """Adds to webhooks how their deliveries go."""
    by_id = {each.id: each for each in webhooks if each.id}
    if not by_id:
        return
    for row in await database.rows(STATISTICS, caller.business_id, list(by_id)):
        webhook = by_id[row["webhook_id"]]
        for name in _COUNTS:
            setattr(webhook, name, row[name])
        for column, name in _MOMENTS.items():
            if row[column] is not None:
                getattr(webhook, name).CopyFrom(to_timestamp(row[column]))
