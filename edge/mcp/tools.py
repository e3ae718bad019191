"""Tools: the operations of the API as assistants see them, made once at start.

Further constraints in a body's schema (such as "one of two fields is required") are
omitted, because hosts of assistants refuse them at the top level; the services check
them. Only `figures`, `files` and `destructive` name tools.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from edge.callers.caller import Caller
from edge.mcp import destructive, figures, files
from edge.mcp.schemas import input_schema, repeats
from edge.mcp.states import getter_of, getters_of
from edge.mcp.terse import told_briefly
from edge.operations import Operation
from edge.problems import ProblemError
from edge.transcoder.routes import Route

# Operations on tokens are no tools: an assistant must not be able to make tokens.
_NOT_FOR_ASSISTANTS = "token."

# These are about the caller and belong to every choice of tools.
_ALWAYS = frozenset({"me", "limits"})

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """An operation as a tool; `listed` is its JSON in the list of tools.

    `getter` reads the record that it is about, None if there is none.
    """

    name: str
    title: str
    operation: Operation
    listed: orjson.Fragment
    is_destructive: bool
    getter: Operation | None

    @property
    def collection(self) -> str:
        """What its path is about, e.g. `contacts`."""
        return self.operation.route.collection

    def is_open_to(self, caller: Caller) -> bool:
        """Whether both the caller's scopes and role grant it.

        An operation that asks for the permission of the record it finds is open to
        callers who may write any record, or read any if it only reads; and so is a
        batch to those who may write.
        """
        route = self.operation.route
        granted = caller.scope_permissions & caller.role_permissions
        if route.permission is None and (route.denies or route.is_batch):
            action = ".read" if route.only_reads else ".write"
            return any(each.endswith(action) for each in granted)
        return route.permission is None or route.permission in granted


Tools = Mapping[str, Tool]


def tools_of(operations: Iterable[Operation], document: Json) -> dict[str, Tool]:
    """The tools by their names, those for one resource side by side.

    Args:
        operations: The operations of the API.
        document: The OpenAPI document of the newest contract.

    Raises:
        KeyError: The document lacks an operation.
        ValueError: An operation has two arguments with the same name.
    """
    every = tuple(operations)
    getters = getters_of(every)
    return {
        tool.name: tool
        for operation in every
        if not (operation.route.permission or "").startswith(_NOT_FOR_ASSISTANTS)
        # An assistant waits for the end of an answer, which a stream has not.
        and not operation.route.streams
        # One tool does what the batches of all types of record do.
        and not (operation.route.is_batch and operation.route.of_records)
        for tool in [_tool(operation, getters, document)]
    }


def choose(tools: Tools, collections: Iterable[str]) -> Tools:
    """The tools for some collections, and those about the caller.

    Raises:
        ProblemError: BAD_REQUEST for a collection that has no tools; it names all.
    """
    known = {each.collection for each in tools.values()} - _ALWAYS
    if unknown := sorted(set(collections) - known):
        raise ProblemError(
            "BAD_REQUEST",
            f"There are no tools for {unknown[0]!r}. `tools` takes some of: "
            f"{', '.join(sorted(known))}.",
        )
    wanted = _ALWAYS | set(collections)
    return {name: each for name, each in tools.items() if each.collection in wanted}


def tool_name(route: Route) -> str:
    """The name of a tool, e.g. `search_contacts`."""
    return _WORD.sub("_", route.rpc.rpartition("/")[2]).lower()


def _tool(
    operation: Operation, getters: Mapping[str, Operation], document: Json
) -> Tool:
    route = operation.route
    told = document["paths"][route.path][route.http_method.lower()]
    name, title = tool_name(route), told["summary"]
    listed = {
        "name": name,
        "title": title,
        "description": _description(route, name, told),
        "inputSchema": input_schema(route, name, told, document),
        "annotations": _annotations(route, name),
    }
    return Tool(
        name=name,
        title=title,
        operation=operation,
        listed=orjson.Fragment(orjson.dumps(listed)),
        is_destructive=destructive.is_destructive(route, name),
        getter=getter_of(route.path, getters),
    )


def _description(route: Route, name: str, told: Json) -> str:
    about = figures.described(route)
    if not about:
        about = files.about(route, name, told_briefly(told["description"]))
    if repeats(route, name):
        creates = "create" + name[name.index("_") :]
        about += f" The fields are those of {creates}."
    return about + destructive.described(route, name)


def _annotations(route: Route, name: str) -> Json:
    """Hints (MCP, on tools)."""
    # Who waits changes nothing, so a host need not ask for each wait.
    reads = route.only_reads or name.startswith("wait")
    hints: Json = {"readOnlyHint": reads, "openWorldHint": False}
    if not reads:
        hints["destructiveHint"] = destructive.is_destructive(route, name)
        hints["idempotentHint"] = route.status != 201
    return hints
