"""Who made the changes that a page shows: users, apps and tokens, with their names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.struct_pb2 import Value
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_PAT
from prospectconnect.type.v1.history_pb2 import FieldChange

from services.account_records.running import Place, Running
from services.caller import Caller
from services.clock import from_timestamp
from services.iam.holders import find_holders
from services.iam.usage import SEE_ALL
from services.ids import is_id
from services.postgres.database import Database

# Values: business, the record, moments, and the user whose tokens are told, or "".
_TOKENS = f"""
SELECT c.at, t.id FROM changes AS c JOIN tokens AS t
  ON t.business_id = c.business_id AND t.id = c.token_id
WHERE c.business_id = $1 AND c.record_id = $2 AND c.at = ANY($3::timestamptz[])
  AND t.kind = {TOKEN_KIND_PAT} AND ($4 = '' OR c.user_id = $4)
"""
_USER = "usr_"


@dataclass(frozen=True, slots=True)
class Makers:
    """The tokens of changes, by the changes' moments, and names by ids."""

    tokens: Mapping[int, str]
    names: Mapping[str, str]


async def makers_of(
    database: Database,
    running: Running,
    caller: Caller,
    record_id: str,
    changes: Sequence[FieldChange],
) -> Makers:
    """The makers of changes of one record, and the users that their values name."""
    moments = sorted({from_timestamp(each.at) for each in changes})
    whose = "" if caller.role in SEE_ALL else caller.user_id
    where = caller.business_id, record_id, moments, whose
    tokens = dict(map(tuple, await database.rows(_TOKENS, *where)))
    holders = {each.client_id for each in changes if each.client_id}
    holders.update(tokens.values())
    names = await user_names(running, _users_in(changes))
    if holders:
        pairs = [("", each) for each in holders]
        names |= (await find_holders(database, caller.business_id, pairs)).names
    return Makers(tokens, names)


async def user_names(running: Running, ids: Iterable[str]) -> dict[str, str]:
    """The names of users."""
    return await running.names_of(Place(running.kinds["user"]), ids)


def _users_in(changes: Iterable[FieldChange]) -> set[str]:
    found = set[str]()
    for each in changes:
        values: tuple[Value, Value] = (getattr(each, "from"), each.to)
        told = (each.user_id, *(value.string_value for value in values))
        found.update(text for text in told if is_id(_USER, text))
    return found
