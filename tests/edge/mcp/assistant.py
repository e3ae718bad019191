"""An assistant's client, no more than a test needs, for both kinds of revision."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import orjson

from tests.edge.served import Answer, Served

ANYONE = "good"  # a token that may do all
STATELESS, HANDSHAKE = "2026-07-28", "2025-11-25"
REVISIONS = ("2025-03-26", "2025-06-18", HANDSHAKE, STATELESS)

PREFIX = "io.modelcontextprotocol/"
META = {
    f"{PREFIX}protocolVersion": STATELESS,
    f"{PREFIX}clientCapabilities": {},
    f"{PREFIX}clientInfo": {"name": "test", "version": "1"},
}


def head(revision: str = HANDSHAKE, token: str = ANYONE, **more: str) -> dict[str, str]:
    """The headers of a request; `more` with `_` for `-`."""
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": revision,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


async def post(edge: Served, body: object, headers: Mapping[str, str]) -> Answer:
    """Sends a body: bytes as they are, all else as JSON."""
    data = BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
    return await edge.ask("POST", "/mcp", data=data, headers=headers)


async def say(
    edge: Served,
    method: str,
    params: Mapping[str, Any] | None = None,
    revision: str = HANDSHAKE,
    token: str = ANYONE,
) -> Answer:
    """Sends a request as a client of the revision would."""
    params, more = dict(params or {}), {}
    if revision == STATELESS:
        params["_meta"] = META
        more["Mcp-Method"] = method
        if "name" in params:
            more["Mcp-Name"] = params["name"]
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    return await post(edge, body, head(revision, token) | more)


async def call(
    edge: Served,
    tool: str,
    arguments: Mapping[str, Any] | None = None,
    revision: str = HANDSHAKE,
    token: str = ANYONE,
) -> Answer:
    """Calls a tool."""
    params = {"name": tool, "arguments": dict(arguments or {})}
    return await say(edge, "tools/call", params, revision, token)


def told(answer: Answer) -> Any:
    """The structure of a result, which its text says as well."""
    assert answer.status == 200, (answer.status, answer.text)
    result = answer.json["result"]
    (text,) = result["content"]
    assert text["type"] == "text"
    assert orjson.loads(text["text"]) == result["structuredContent"]
    return result["structuredContent"]


def error_code(answer: Answer) -> int:
    """The code of an answer that is an error, in good form."""
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json.keys() == {"jsonrpc", "id", "error"}
    assert answer.json["error"]["message"]
    code: int = answer.json["error"]["code"]
    return code
