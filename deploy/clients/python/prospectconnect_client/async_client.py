"""The client for programs with an event loop; the same as `client.py`, with `await`."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx2
from typing_extensions import Self

from prospectconnect_client.answers import Answer
from prospectconnect_client.file_resources import AsyncFileExports, AsyncFileImports
from prospectconnect_client.hooks import NONE, Attempt, Hooks
from prospectconnect_client.outcomes import Outcome, settled, unreachable
from prospectconnect_client.pacing import Pacer
from prospectconnect_client.pages import AsyncPages
from prospectconnect_client.problems import Problem, Unreachable
from prospectconnect_client.requests import (
    TIMEOUT_SECONDS,
    Request,
    address_of,
    request_of,
    token_of,
)
from prospectconnect_client.retries import USUAL, Retries
from prospectconnect_client.streams import SILENCE_SECONDS, outcome_of
from prospectconnect_client.watching import AsyncWatchedChanges
from prospectconnect_contract.operations import (
    AsyncResources,
    AsyncResourcesWithResponse,
    Call,
    Response,
)


class AsyncProspectConnect(AsyncResources):
    """Calls the API with a token; see `ProspectConnect`."""

    def __init__(  # noqa: PLR0913 - but for two, each has a default that is right
        self,
        token: str,
        address: str,
        *,
        retries: Retries = USUAL,
        timeout: float = TIMEOUT_SECONDS,
        pacing: bool = True,
        hooks: Hooks = NONE,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(self)
        self.changes: AsyncWatchedChanges = AsyncWatchedChanges(self)
        self.exports: AsyncFileExports = AsyncFileExports(self)
        self.imports: AsyncFileImports = AsyncFileImports(self)
        self.with_response = AsyncResourcesWithResponse(_Responding(self))
        self._token = token_of(token)
        self._retries = retries
        self._address = address_of(address)
        self._hooks = hooks
        self._pacer = Pacer(retries.longest_wait) if pacing else None
        self._turn = asyncio.Lock()  # the order in which requests are sent
        self._http = httpx2.AsyncClient(
            base_url=self._address, timeout=timeout, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def send(self, call: Call) -> Answer:
        """Sends any call, with retries.

        Raises:
            Problem: The answer of the last attempt is not a success.
            Unreachable: The last attempt got no answer.
        """
        request, attempt = request_of(call, self._token), 1
        while True:
            outcome = await self._attempt(request, attempt)
            pause = self._retries.pause(call, outcome, attempt)
            if pause is None:
                return settled(outcome)
            await asyncio.sleep(pause)
            attempt += 1

    async def respond(self, call: Call) -> Response[Any]:
        """Sends a call; returns its parsed answer with the data of its headers."""
        return (await self.send(call)).to(call)

    async def answer(self, call: Call) -> Any:
        """Sends a call and returns the answer's JSON."""
        return (await self.respond(call)).data

    def pages(self, call: Call) -> AsyncPages:
        """The pages of a search; they are requested during the iteration."""
        return AsyncPages(self.respond, call)

    feed = pages

    @asynccontextmanager
    async def stream(
        self, call: Call, attempt: int
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Sends a call whose answer goes on, and gives its bytes as they come.

        It makes one attempt; `attempt` is its number. Raises Problem or Unreachable.
        """
        request = request_of(call, self._token)
        outcome: Outcome | None = None
        told = Attempt(request.method, f"{self._address}{request.path}", attempt)
        await self._leave()
        try:
            self._hooks.before(told)
            began = time.monotonic()
            async with self._http.stream(
                request.method,
                request.path,
                headers=request.headers,
                timeout=SILENCE_SECONDS,
            ) as answer:
                body = b"" if answer.is_success else await answer.aread()
                outcome = Answer(answer.status_code, answer.headers, body)
                self._arrive(outcome)
                self._hooks.after(told, outcome, time.monotonic() - began)
                settled(outcome)
                yield answer.aiter_bytes()
        except httpx2.RequestError as error:
            failure = unreachable(error, self._address)
            if outcome is None:
                self._hooks.after(told, failure, time.monotonic() - began)
            raise failure from error
        finally:
            if outcome is None:
                self._arrive(None)

    async def wait_after(
        self, failure: Problem | Unreachable, call: Call, attempt: int
    ) -> None:
        """Waits before another attempt; raises the failure if there is to be none."""
        pause = self._retries.pause(call, outcome_of(failure), attempt)
        if pause is None:
            raise failure
        await asyncio.sleep(pause)

    async def _leave(self) -> None:
        """Waits until the rate limit allows a request."""
        if self._pacer is not None:
            async with self._turn:
                while wait := self._pacer.wait():  # noqa: ASYNC110 - time is the event
                    await asyncio.sleep(wait)
                self._pacer.leave()

    def _arrive(self, outcome: Outcome | None) -> None:
        if self._pacer is not None:
            self._pacer.arrive(outcome)

    async def _attempt(self, request: Request, number: int) -> Outcome:
        """Sends a request when the rate limit allows it."""
        if self._pacer is None:
            return await self._exchange(request, number)
        async with self._turn:
            while wait := self._pacer.wait():  # noqa: ASYNC110 - time is the event
                await asyncio.sleep(wait)
            self._pacer.leave()
            if not self._pacer.is_known:  # else all would be sent at once
                return await self._paced(self._pacer, request, number)
        return await self._paced(self._pacer, request, number)

    async def _paced(self, pacer: Pacer, request: Request, number: int) -> Outcome:
        outcome = None
        try:
            outcome = await self._exchange(request, number)
        finally:
            pacer.arrive(outcome)
        return outcome

    async def _exchange(self, request: Request, number: int) -> Outcome:
        attempt = Attempt(request.method, f"{self._address}{request.path}", number)
        self._hooks.before(attempt)
        began = time.monotonic()
        outcome = await self._transfer(request)
        self._hooks.after(attempt, outcome, time.monotonic() - began)
        return outcome

    async def _transfer(self, request: Request) -> Outcome:
        try:
            told = await self._http.request(
                request.method,
                request.path,
                headers=request.headers,
                content=request.content,
            )
        except httpx2.RequestError as error:
            return unreachable(error, self._address)
        return Answer(told.status_code, told.headers, told.content)


@dataclass(frozen=True, slots=True)
class _Responding:
    """Sends with a client, and returns responses."""

    client: AsyncProspectConnect

    async def answer(self, call: Call) -> Response[Any]:
        return await self.client.respond(call)

    def pages(self, call: Call) -> AsyncPages:
        return AsyncPages(self.client.respond, call, with_response=True)

    feed = pages
