"""Pages of a search, read from the end of the previous page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from tests.bench.peers.fastapi_orm import cursors
from tests.bench.peers.fastapi_orm.access import Caller
from tests.bench.peers.fastapi_orm.models import Contact
from tests.bench.peers.fastapi_orm.schemas import Search


async def read_page(
    session: AsyncSession,
    contacts: Select[Contact],
    caller: Caller,
    search: Search,
    secret: bytes,
) -> tuple[Sequence[Contact], str | None]:
    """A page of `contacts`, and the cursor of the next one if there is one."""
    order, descending = (
        getattr(Contact, search.order_by),
        search.sort_direction == "desc",
    )
    query = f"{caller.business_id} {caller.user_id} {search.order_by} {descending}"
    if search.cursor is not None:
        value, record_id = cursors.unseal(secret, query, search.cursor)
        place, after = tuple_(order, Contact.id), (_read(search, value), record_id)
        contacts = contacts.where(place < after if descending else place > after)
    in_order = (order.desc(), Contact.id.desc()) if descending else (order, Contact.id)
    page = contacts.order_by(*in_order).limit(search.limit + 1)
    found = (await session.scalars(page)).all()
    if len(found) <= search.limit:
        return found, None
    last = found[search.limit - 1]
    value = str(getattr(last, search.order_by))
    return found[: search.limit], cursors.seal(secret, query, value, last.id)


def _read(search: Search, value: str) -> Any:
    if search.order_by == "lead_score":
        return int(value)
    return datetime.fromisoformat(value)
