"""Who made the changes that a page shows: users, apps and tokens, with their names."""

import re
from collections.abc import Iterable, Sequence

from google.protobuf.struct_pb2 import Value
from prospectconnect.type.v1.history_pb2 import FieldChange

from services.account_records.running import Place, Running
from services.caller import Caller
from services.iam.holders import find_holders
from services.ids import is_id
from services.postgres.database import Database

_USER = "usr_"
_RECORD = re.compile(r"(?!usr_)[a-z]+_[0-9a-f]{24}")


async def makers_of(
    database: Database,
    running: Running,
    caller: Caller,
    changes: Sequence[FieldChange],
) -> dict[str, str]:
    """The names of those who made changes, and of the users that their values name."""
    names = await user_names(running, _users_in(changes))
    holders = {each.client_id or each.token_id for each in changes} - {""}
    if holders:
        pairs = [("", each) for each in holders]
        names |= (await find_holders(database, caller.business_id, pairs)).names
    return names


async def user_names(running: Running, ids: Iterable[str]) -> dict[str, str]:
    """The names of users."""
    return await running.names_of(Place(running.kinds["user"]), ids)


def records_in(changes: Iterable[FieldChange]) -> set[str]:
    """The texts in values of changes that may be ids of records, but for users'."""
    found = set[str]()
    for each in changes:
        values: tuple[Value, Value] = (getattr(each, "from"), each.to)
        for value in values:
            texts = [item.string_value for item in value.list_value.values]
            texts.append(value.string_value)
            found.update(text for text in texts if _RECORD.fullmatch(text))
    return found


def _users_in(changes: Iterable[FieldChange]) -> set[str]:
    found = set[str]()
    for each in changes:
        values: tuple[Value, Value] = (getattr(each, "from"), each.to)
        told = (each.user_id, *(value.string_value for value in values))
        found.update(text for text in told if is_id(_USER, text))
    return found
