"""Which records a search finds besides living ones, and what merged ids mean in it."""

from collections.abc import Sequence

from prospectconnect.type.v1.search_pb2 import Filter

from services.caller import Call
from services.gates.permissions import check_permission
from services.kinds.methods import Method
from services.kinds.record_type import Kinds
from services.postgres.database import Database
from services.search.merged_filters import merged_named, survivors_named

# The field of a search that asks for deleted records.
DELETED = "deleted"
# The kind of record that tells of merges.
MERGE = "merge"


def find_deleted(method: Method, call: Call) -> None:
    """Lets a search find deleted records, if the caller may delete such records."""
    kind = method.searched
    assert kind is not None  # noqa: S101 - the method is a search
    if not kind.ends:  # who may delete an association depends on it
        resource = kind.policy.permission_resource or kind.resource
        check_permission(call.caller, f"{resource}.delete")
    call.deleted = True


async def lead_on(
    database: Database,
    kinds: Kinds,
    filters: Sequence[Filter],
    call: Call,
    *,
    of_merges: bool,
) -> None:
    """Finds the survivors of merged records that filters name.

    Deleted records still hold the ids of merged ones, and so do the merges into records
    that were merged themselves since.
    """
    where = database, call.caller.business_id, filters, kinds
    call.survivors = await survivors_named(*where)
    if call.deleted:
        call.alike = await merged_named(*where)
    elif of_merges:
        call.alike = {
            new: [old for old, its in call.survivors.items() if its == new]
            for new in call.survivors.values()
        }
