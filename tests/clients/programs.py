"""The same program for each client: it makes calls and tells what came of them.

So a test says once what a client owes, and every client is held to it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from prospectconnect_client import (
    AsyncProspectConnect,
    Exported,
    Problem,
    Progress,
    ProspectConnect,
    ProspectConnectError,
    Retries,
    ValidationFailed,
)
from tests.foreign.programs import run_node

CLIENTS = ("python", "python-async", "node")

# So fast that no test waits for it.
FAST = {"first_pause": 0.001, "longest_pause": 0.001}


# The option of a step for the progress that it tells.
TELLS = "tells"


@dataclass(frozen=True, slots=True)
class Step:
    """A call: `contacts.create`, what is in its path, its body and its options."""

    name: str
    path: Sequence[str] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_paged(self) -> bool:
        """Whether it gives records page by page."""
        pages = (
            *(".search", ".search_deliveries", ".search_rows", ".aggregate"),
            *(".read_history", ".list_duplicates", "changes.read"),
        )
        return self.name.endswith(pages)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a program calls, and how patient it is."""

    address: str
    token: str
    retries: Mapping[str, Any]


def run(client: str, account: Account, *steps: Step) -> list[Any]:
    """Has a client make calls one after another.

    Returns:
        For each step its value (all records of all pages), or `{"error": ...}`.
    """
    if client == "node":
        script = str(Path(__file__).parent / "calls.mjs")
        told = asdict(account) | {"steps": [asdict(step) for step in steps]}
        found: list[Any] = run_node(script, told)
        return found
    if client == "python-async":
        return asyncio.run(_run_async(account, steps))
    with ProspectConnect(
        account.token, account.address, retries=Retries(**account.retries)
    ) as api:
        return [_run_step(api, step) for step in steps]


def _run_step(api: ProspectConnect, step: Step) -> Any:
    try:
        seen: list[Progress] = []
        options = _options(step, seen)
        value = _method(api, step)(*step.path, **step.body, **options)
        return list(value) if step.is_paged else _with_seen(step, value, seen)
    except ProspectConnectError as error:
        return {"error": told(error)}


async def _run_async(account: Account, steps: Sequence[Step]) -> list[Any]:
    found: list[Any] = []
    async with AsyncProspectConnect(
        account.token, account.address, retries=Retries(**account.retries)
    ) as api:
        for step in steps:
            try:
                seen: list[Progress] = []
                options = _options(step, seen)
                value = _method(api, step)(*step.path, **step.body, **options)
                found.append(
                    [each async for each in value]
                    if step.is_paged
                    else _with_seen(step, await value, seen)
                )
            except ProspectConnectError as error:
                found.append({"error": told(error)})
    return found


def _method(api: Any, step: Step) -> Any:
    resource, _, name = step.name.partition(".")
    return getattr(getattr(api, resource), name)


def _options(step: Step, seen: list[Progress]) -> Mapping[str, Any]:
    """The options of a call. `tells` keeps what a call tells of its progress."""
    options = dict(step.options)
    return options | {"on_progress": seen.append} if options.pop(TELLS, 0) else options


def _with_seen(step: Step, value: Any, seen: Sequence[Progress]) -> Any:
    """What a call returns, as JSON has it, with what it told of its progress."""
    if isinstance(value, Exported):
        paths = [str(path) for path in value.paths]
        value = {"export": value.export, "paths": paths, "job": value.job}
    return value | {"told": [*map(asdict, seen)]} if TELLS in step.options else value


def told(error: ProspectConnectError) -> dict[str, Any]:
    """What an exception tells, as each client tells it."""
    found: dict[str, Any] = {"class": type(error).__name__, "text": str(error)}
    if isinstance(error, Problem):
        for name in ("type", "title", "status", "detail", "instance", "trace_id"):
            found[name] = getattr(error, name)
        more = ("refused_by", "required", "retry_after", "used_by", "count", "sample")
        for name in more:
            if (value := getattr(error, name, None)) is not None:
                found[name] = value
    if isinstance(error, ValidationFailed):
        found["errors"] = list(error.errors)
    return found
