"""A webhook as the process has it that serves it, and the deliveries in its hands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.changes.order import Position
from services.iam.makers import Maker
from services.postgres.database import Row


@dataclass(frozen=True, slots=True)
class Webhook:
    """A claimed webhook.

    `types` are those of its changes, or stand for several. `version` is that of its
    record, and `contract` the dated contract of what it sends.
    """

    business_id: str
    id: str
    lease: str
    version: int
    url: str
    types: tuple[str, ...]
    filters: tuple[Mapping[str, Any], ...]
    include: frozenset[str]
    contract: str
    is_ordered: bool
    maker: Maker
    position: Position
    # The places at which it was switched off: what happened while it was is left out.
    stops: tuple[int, ...]
    secrets: Any

    @property
    def key(self) -> tuple[str, str, str]:
        """The values by which statements find it and check the lease."""
        return self.business_id, self.id, self.lease


@dataclass(slots=True, eq=False)
class Delivery:
    """One delivery that is to be sent. `body` was made at `made_at`, once it was."""

    id: str
    change_id: str
    record_id: str
    change_at: int
    attempts: int
    begun_at: int
    body: bytes = b""
    made_at: float = 0.0


def webhook_of(business_id: str, webhook_id: str, lease: str, row: Row) -> Webhook:
    """A webhook as a claim reads it."""
    maker = Maker(
        row["created_by"] or "", row["client_id"] or "", row["token_id"] or ""
    )
    return Webhook(
        business_id=business_id,
        id=webhook_id,
        lease=lease,
        version=row["version"],
        url=row["url"],
        types=tuple(row["types"]),
        filters=tuple(row["filters"] or ()),
        include=frozenset(row["include"]),
        contract=row["contract"] or "",
        is_ordered=row["is_ordered"],
        maker=maker,
        position=Position.read(row["position"]),
        stops=tuple(int(each[0]) for each in row["gaps"]),
        secrets=row["secrets"],
    )


def delivery_of(row: Row) -> Delivery:
    """A delivery as the database has it."""
    return Delivery(
        id=row["id"],
        change_id=row["change_id"],
        record_id=row["record_id"],
        change_at=row["change_at"],
        attempts=row["attempt_count"],
        begun_at=row["begun_at"],
    )
