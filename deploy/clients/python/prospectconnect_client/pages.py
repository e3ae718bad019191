"""The pages of a search, one fetched when the one before is used up."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect_contract.operations import Call

_LARGEST = 100  # records a page, where the search does not say


@dataclass(frozen=True, slots=True)
class Pages:
    """The answer to a search. Each iteration searches anew."""

    answer: Callable[[Call], Any]
    call: Call

    def __iter__(self) -> Iterator[Any]:
        """The records, one by one."""
        for page in self.pages():
            yield from page["data"]

    def pages(self) -> Iterator[Any]:
        """The pages as they came, each with `data` and `meta`."""
        call: Call | None = first_page(self.call)
        while call is not None:
            page = self.answer(call)
            yield page
            call = next_page(call, page)


@dataclass(frozen=True, slots=True)
class AsyncPages:
    """The answer to a search. Each iteration searches anew."""

    answer: Callable[[Call], Awaitable[Any]]
    call: Call

    async def __aiter__(self) -> AsyncIterator[Any]:
        """The records, one by one."""
        async for page in self.pages():
            for record in page["data"]:
                yield record

    async def pages(self) -> AsyncIterator[Any]:
        """The pages as they came, each with `data` and `meta`."""
        call: Call | None = first_page(self.call)
        while call is not None:
            page = await self.answer(call)
            yield page
            call = next_page(call, page)


def first_page(call: Call) -> Call:
    """A search as it begins: with the largest pages, unless it says otherwise."""
    return replace(call, body={"limit": _LARGEST, **(call.body or {})})


def next_page(call: Call, page: Any) -> Call | None:
    """The call for the page after this one; None after the last."""
    cursor = page["meta"]["cursor"]["next"]
    if cursor is None:
        return None
    return replace(call, body={**(call.body or {}), "cursor": cursor})
