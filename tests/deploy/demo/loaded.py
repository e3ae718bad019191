"""What a load of the demonstration data left in a tenant, for tests to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.crm.v1.activities_pb2 import ACTIVITY_TYPE_SYSTEM, Activity

from services.clock import from_timestamp
from services.every_kind import KINDS
from services.iam.tenants import business_of
from services.kinds.descriptors import record_type
from services.postgres.database import Database
from services.records.rows import RowCodec
from tests.promises.records_suite import LINKS

# Contacts that are there twice, and one whose company was deleted by mistake.
PLANTED = 14


@dataclass(frozen=True, slots=True)
class Loaded:
    """A tenant's records of each kind, by their ids."""

    records: Mapping[type[Message], Mapping[str, Any]]

    def of(self, kind: type[Message]) -> list[Any]:
        """The records of a kind."""
        return list(self.records[kind].values())

    def told(self, resource: str, record_id: str) -> list[Any]:
        """What the server told of a contact, company or deal, in order."""
        column = LINKS[resource]
        found = [
            each
            for each in self.of(Activity)
            if is_told(each) and getattr(each, column) == record_id
        ]
        return sorted(found, key=lambda each: moment(each.occurred_at))


def is_told(record: Any) -> bool:
    """Whether the server made the record of what it saw."""
    return isinstance(record, Activity) and record.type == ACTIVITY_TYPE_SYSTEM


def links(record: Any) -> tuple[str, str, str]:
    """The contact, company and deal that a record is linked to; empty is none."""
    return record.contact_id, record.company_id, record.deal_id


def moment(stamp: Timestamp) -> int:
    """A timestamp as a moment."""
    return from_timestamp(stamp)


async def loaded(database: Database, tenant: str) -> Loaded:
    """Reads all records of a tenant but for deleted ones."""
    business_id = await business_of(database, tenant)
    records: dict[type[Message], Mapping[str, Any]] = {}
    for kind in KINDS:
        records[kind] = await _read(database, business_id, kind)
    return Loaded(records)


async def _read(
    database: Database, business_id: str, message: type[Message]
) -> dict[str, Any]:
    kind = record_type(message)
    codec = RowCodec(kind)
    rows = await database.rows(
        f"SELECT {codec.columns} FROM {kind.table} AS r WHERE r.business_id = $1"
        " AND r.deleted_at IS NULL",
        business_id,
    )
    made = [codec.read(row, business_id) for row in rows]
    return {record.id: record for record in made}
