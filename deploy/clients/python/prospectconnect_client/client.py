"""The synchronous client."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx2
from typing_extensions import Self

from prospectconnect_client.answers import Answer
from prospectconnect_client.file_resources import FileExports, FileImports
from prospectconnect_client.hooks import NONE, Attempt, Hooks
from prospectconnect_client.outcomes import Outcome, settled, unreachable
from prospectconnect_client.pacing import Pacer
from prospectconnect_client.pages import Pages
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
from prospectconnect_client.watching import WatchedChanges
from prospectconnect_contract.operations import (
    Call,
    Resources,
    ResourcesWithResponse,
    Response,
)


class ProspectConnect(Resources):
    """Calls the API with a token.
    ```python
    with ProspectConnect(token, "https://papi.prospectconnect.ai") as client:
        ada = client.contacts.create(first_name="Ada", email="ada@engine.example")
    ```

    It keeps its connections open, and threads may share it.

    Args:
        token: A personal access token, or the access token of an app.
        address: The address of the API.
        retries: The number of attempts and the pauses between them.
        timeout: The seconds that an attempt may take.
        pacing: Whether to space the requests, so that none exceeds the rate limit.
        hooks: Functions that are called for each attempt.
        transport: Replaces the connection pool, e.g. for a proxy or a test.

    Raises:
        ValueError: The token or the address is malformed.
    """

    def __init__(  # noqa: PLR0913 - but for two, each has a default that is right
        self,
        token: str,
        address: str,
        *,
        retries: Retries = USUAL,
        timeout: float = TIMEOUT_SECONDS,
        pacing: bool = True,
        hooks: Hooks = NONE,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        super().__init__(self)
        self.changes: WatchedChanges = WatchedChanges(self)
        self.exports: FileExports = FileExports(self)
        self.imports: FileImports = FileImports(self)
        self.with_response = ResourcesWithResponse(_Responding(self))
        self._token = token_of(token)
        self._retries = retries
        self._address = address_of(address)
        self._hooks = hooks
        self._pacer = Pacer(retries.longest_wait) if pacing else None
        self._turn = threading.Lock()  # the order in which requests are sent
        self._http = httpx2.Client(
            base_url=self._address, timeout=timeout, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def send(self, call: Call) -> Answer:
        """Sends any call, with retries.

        Raises:
            Problem: The answer of the last attempt is not a success.
            Unreachable: The last attempt got no answer.
        """
        request, attempt = request_of(call, self._token), 1
        while True:
            outcome = self._attempt(request, attempt)
            pause = self._retries.pause(call, outcome, attempt)
            if pause is None:
                return settled(outcome)
            time.sleep(pause)
            attempt += 1

    def respond(self, call: Call) -> Response[Any]:
        """Sends a call; returns its parsed answer with the data of its headers."""
        return self.send(call).to(call)

    def answer(self, call: Call) -> Any:
        """Sends a call and returns the answer's JSON."""
        return self.respond(call).data

    def pages(self, call: Call) -> Pages:
        """The pages of a search; they are requested during the iteration."""
        return Pages(self.respond, call)

    feed = pages

    @contextmanager
    def stream(self, call: Call, attempt: int) -> Iterator[Iterator[bytes]]:
        """Sends a call whose answer goes on, and gives its bytes as they come.

        It makes one attempt; `attempt` is its number. Raises Problem or Unreachable.
        """
        request = request_of(call, self._token)
        outcome: Outcome | None = None
        told = Attempt(request.method, f"{self._address}{request.path}", attempt)
        self._leave()
        try:
            self._hooks.before(told)
            began = time.monotonic()
            with self._http.stream(
                request.method,
                request.path,
                headers=request.headers,
                timeout=SILENCE_SECONDS,
            ) as answer:
                body = b"" if answer.is_success else answer.read()
                outcome = Answer(answer.status_code, answer.headers, body)
                self._arrive(outcome)
                self._hooks.after(told, outcome, time.monotonic() - began)
                settled(outcome)
                yield answer.iter_bytes()
        except httpx2.RequestError as error:
            failure = unreachable(error, self._address)
            if outcome is None:
                self._hooks.after(told, failure, time.monotonic() - began)
            raise failure from error
        finally:
            if outcome is None:
                self._arrive(None)

    def wait_after(
        self, failure: Problem | Unreachable, call: Call, attempt: int
    ) -> None:
        """Waits before another attempt; raises the failure if there is to be none."""
        pause = self._retries.pause(call, outcome_of(failure), attempt)
        if pause is None:
            raise failure
        time.sleep(pause)

    def _leave(self) -> None:
        """Waits until the rate limit allows a request."""
        if self._pacer is not None:
            with self._turn:
                while wait := self._pacer.wait():
                    time.sleep(wait)
                self._pacer.leave()

    def _arrive(self, outcome: Outcome | None) -> None:
        if self._pacer is not None:
            self._pacer.arrive(outcome)

    def _attempt(self, request: Request, number: int) -> Outcome:
        """Sends a request when the rate limit allows it."""
        if self._pacer is None:
            return self._exchange(request, number)
        with self._turn:
            while wait := self._pacer.wait():
                time.sleep(wait)
            self._pacer.leave()
            if not self._pacer.is_known:  # else all would be sent at once
                return self._paced(self._pacer, request, number)
        return self._paced(self._pacer, request, number)

    def _paced(self, pacer: Pacer, request: Request, number: int) -> Outcome:
        outcome = None
        try:
            outcome = self._exchange(request, number)
        finally:
            pacer.arrive(outcome)
        return outcome

    def _exchange(self, request: Request, number: int) -> Outcome:
        attempt = Attempt(request.method, f"{self._address}{request.path}", number)
        self._hooks.before(attempt)
        began = time.monotonic()
        outcome = self._transfer(request)
        self._hooks.after(attempt, outcome, time.monotonic() - began)
        return outcome

    def _transfer(self, request: Request) -> Outcome:
        try:
            told = self._http.request(
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

    client: ProspectConnect

    def answer(self, call: Call) -> Response[Any]:
        return self.client.respond(call)

    def pages(self, call: Call) -> Pages:
        return Pages(self.client.respond, call, with_response=True)

    feed = pages
