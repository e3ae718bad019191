"""Exports and imports with their files, for both clients.

They have the operations that are generated, and those that send or fetch a file.
"""

import asyncio
from collections.abc import Awaitable, Callable
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from typing_extensions import Unpack

from prospectconnect_client import files
from prospectconnect_client.answers import Answer
from prospectconnect_client.files import Exported, OnProgress, Progress, Steps
from prospectconnect_contract import records
from prospectconnect_contract.operations import (
    AsyncCaller,
    AsyncExports,
    AsyncImports,
    Call,
    Caller,
    Exports,
    Imports,
)

AnyPath = str | PathLike[str]


class Sender(Caller, Protocol):
    """A client."""

    def send(self, call: Call) -> Answer: ...


class AsyncSender(AsyncCaller, Protocol):
    """A client with `await`."""

    async def send(self, call: Call) -> Answer: ...


class FileExports(Exports):
    """Exports, and what fetches their files."""

    def __init__(self, client: Sender) -> None:
        super().__init__(client)
        self._send = client.send

    def to_folder(
        self,
        folder: AnyPath,
        /,
        *,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
        **body: Unpack[records.CreateExportBody],
    ) -> Exported:
        """Creates an export, waits for it and downloads its files into a folder.

        Raises:
            JobFailed: The export failed or was cancelled.
            FileDiffers: A file did not arrive as the API has it.
        """
        steps = files.export_to(Path(folder), body, idempotency_key)
        found: Exported = _run(self._send, steps, on_progress)
        return found

    def download(
        self, id: str, folder: AnyPath, /, *, on_progress: OnProgress | None = None
    ) -> Exported:
        """Waits for an export and downloads its files into a folder. Files that are
        there already are not loaded again, and one that broke off goes on.
        """
        steps = files.fetch_export(id, Path(folder))
        found: Exported = _run(self._send, steps, on_progress)
        return found


class FileImports(Imports):
    """Imports, and what sends and fetches their files."""

    def __init__(self, client: Sender) -> None:
        super().__init__(client)
        self._send = client.send

    def from_file(
        self,
        file: AnyPath,
        /,
        *,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
        **body: Unpack[records.CreateImportBody],
    ) -> records.Import:
        """Creates an import, uploads a file to it and waits for its end.

        Raises:
            JobFailed: The import failed or was cancelled. Rows that were rejected are
                no failure: `failed` of the import counts them.
        """
        steps = files.import_from(Path(file), body, idempotency_key)
        found: records.Import = _run(self._send, steps, on_progress)
        return found

    def upload(
        self, id: str, file: AnyPath, /, *, on_progress: OnProgress | None = None
    ) -> records.Import:
        """Uploads a file to an import and waits for its end. Parts that have arrived
        already are not sent again.
        """
        steps = files.send_import(id, Path(file))
        found: records.Import = _run(self._send, steps, on_progress)
        return found

    def download_errors(self, id: str, file: AnyPath, /) -> Path:
        """Downloads the rows that were rejected, each with its problem."""
        found: Path = _run(self._send, files.fetch_errors(id, Path(file)), None)
        return found


class AsyncFileExports(AsyncExports):
    """Exports, and what fetches their files; see `FileExports`."""

    def __init__(self, client: AsyncSender) -> None:
        super().__init__(client)
        self._send = client.send

    async def to_folder(
        self,
        folder: AnyPath,
        /,
        *,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
        **body: Unpack[records.CreateExportBody],
    ) -> Exported:
        """Creates an export, waits for it and downloads its files into a folder."""
        steps = files.export_to(Path(folder), body, idempotency_key)
        found: Exported = await _run_async(self._send, steps, on_progress)
        return found

    async def download(
        self, id: str, folder: AnyPath, /, *, on_progress: OnProgress | None = None
    ) -> Exported:
        """Waits for an export and downloads its files into a folder."""
        steps = files.fetch_export(id, Path(folder))
        found: Exported = await _run_async(self._send, steps, on_progress)
        return found


class AsyncFileImports(AsyncImports):
    """Imports, and what sends and fetches their files; see `FileImports`."""

    def __init__(self, client: AsyncSender) -> None:
        super().__init__(client)
        self._send = client.send

    async def from_file(
        self,
        file: AnyPath,
        /,
        *,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
        **body: Unpack[records.CreateImportBody],
    ) -> records.Import:
        """Creates an import, uploads a file to it and waits for its end."""
        steps = files.import_from(Path(file), body, idempotency_key)
        found: records.Import = await _run_async(self._send, steps, on_progress)
        return found

    async def upload(
        self, id: str, file: AnyPath, /, *, on_progress: OnProgress | None = None
    ) -> records.Import:
        """Uploads a file to an import and waits for its end."""
        steps = files.send_import(id, Path(file))
        found: records.Import = await _run_async(self._send, steps, on_progress)
        return found

    async def download_errors(self, id: str, file: AnyPath, /) -> Path:
        """Downloads the rows that were rejected, each with its problem."""
        steps = files.fetch_errors(id, Path(file))
        found: Path = await _run_async(self._send, steps, None)
        return found


def _run(
    send: Callable[[Call], Answer], steps: Steps, on_progress: OnProgress | None
) -> Any:
    """Takes steps to their end, and returns what they return."""
    given: Answer | None = None
    while True:
        try:
            step = steps.send(given)
        except StopIteration as end:
            return end.value
        given = None
        if isinstance(step, Call):
            given = send(step)
        elif on_progress is not None:
            on_progress(step)


async def _run_async(
    send: Callable[[Call], Awaitable[Answer]],
    steps: Steps,
    on_progress: OnProgress | None,
) -> Any:
    """Takes steps to their end in threads, since they read and write files."""
    given: Answer | None = None
    while True:
        ended, step = await asyncio.to_thread(_step, steps, given)
        if ended:
            return step
        given = None
        if isinstance(step, Call):
            given = await send(step)
        elif on_progress is not None:
            on_progress(step)


def _step(steps: Steps, given: Answer | None) -> tuple[bool, Call | Progress | Any]:
    """The next step; or that there is none, and what they return."""
    try:
        return False, steps.send(given)
    except StopIteration as end:
        return True, end.value
