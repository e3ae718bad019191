"""The pages of a search; each is requested when the previous one is used up."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect_contract.operations import Call, Response

_LARGEST = 100  # records per page, if the search does not state it
_WAIT_SECONDS = 20  # that a page waits for what happens


@dataclass(frozen=True, slots=True)
class Pages:
    """The results of a search. Each iteration starts a new search.

    `with_response`: each page is returned with its response.
    """

    respond: Callable[[Call], Response[Any]]
    call: Call
    with_response: bool = False

    def __iter__(self) -> Iterator[Any]:
        """The records, one by one."""
        for response in self._responses():
            yield from response.data["data"]

    def pages(self) -> Iterator[Any]:
        """The pages as they came, each with `data` and `meta`."""
        for response in self._responses():
            yield response if self.with_response else response.data

    def follow(self) -> Iterator[Any]:
        """The pages of a feed, and then those that come. It never ends.

        A page without changes says that nothing has happened for some seconds.
        """
        for response in self._responses(follows=True):
            yield response if self.with_response else response.data

    def _responses(self, *, follows: bool = False) -> Iterator[Response[Any]]:
        call: Call | None = first_page(self.call)
        while call is not None:
            response = self.respond(call)
            yield response
            call = next_page(call, response.data, follows=follows)


@dataclass(frozen=True, slots=True)
class AsyncPages:
    """The results of a search. Each iteration starts a new search; see `Pages`."""

    respond: Callable[[Call], Awaitable[Response[Any]]]
    call: Call
    with_response: bool = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        """The records, one by one."""
        async for response in self._responses():
            for record in response.data["data"]:
                yield record

    async def pages(self) -> AsyncIterator[Any]:
        """The pages as they came, each with `data` and `meta`."""
        async for response in self._responses():
            yield response if self.with_response else response.data

    async def follow(self) -> AsyncIterator[Any]:
        """The pages of a feed, and then those that come; see `Pages.follow`."""
        async for response in self._responses(follows=True):
            yield response if self.with_response else response.data

    async def _responses(
        self, *, follows: bool = False
    ) -> AsyncIterator[Response[Any]]:
        call: Call | None = first_page(self.call)
        while call is not None:
            response = await self.respond(call)
            yield response
            call = next_page(call, response.data, follows=follows)


def first_page(call: Call) -> Call:
    """The call for the first page: with the largest size, unless the search has one."""
    return replace(call, body={"limit": _LARGEST, **(call.body or {})})


def next_page(call: Call, page: Any, *, follows: bool = False) -> Call | None:
    """The call for the page after this one; None after the last.

    A feed of changes has a cursor after its last page too, for what happens next: who
    `follows` waits for it.
    """
    cursor = page["meta"]["cursor"]
    if follows:
        body = {"wait_seconds": _WAIT_SECONDS, **(call.body or {})}
        return replace(call, body={**body, "cursor": cursor["next"]})
    if cursor["next"] is None or not cursor.get("has_more", True):
        return None
    return replace(call, body={**(call.body or {}), "cursor": cursor["next"]})
