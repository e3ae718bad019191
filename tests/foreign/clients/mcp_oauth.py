"""The OAuth of the MCP SDK, unmodified, with a person who answers for it."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

Allow = Callable[[str], str]


class Kept(TokenStorage):
    """What the MCP client keeps of a server."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def provider(url: str, kept: Kept, allow: Allow, **metadata: Any) -> Any:
    """The MCP SDK's OAuth, which knows nothing but the address that it calls."""
    sent: list[str] = []

    async def redirect(address: str) -> None:
        sent.append(await asyncio.to_thread(allow, address))

    async def callback() -> AuthorizationCodeResult:
        told = parse_qs(urlsplit(sent[-1]).query)
        return AuthorizationCodeResult(**{name: told[name][0] for name in told})

    given = OAuthClientMetadata(
        client_name="MCP",
        redirect_uris=[AnyUrl("http://127.0.0.1:3030/callback")],
        **metadata,
    )
    return OAuthClientProvider(url, given, kept, redirect, callback)
