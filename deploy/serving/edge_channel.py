"""The channel of a separate edge: each call contains the edge's secret."""

from collections.abc import Callable
from typing import Any

import grpc

from services.gates.door import EDGE_SECRET


class EdgeChannel:
    """A `grpc.aio.Channel` that adds the secret to each call."""

    def __init__(self, channel: grpc.aio.Channel, secret: str) -> None:
        self._channel = channel
        self._shown = (EDGE_SECRET, secret)

    def unary_unary(
        self, method: str, *forms: Any, **options: Any
    ) -> Callable[..., Any]:
        """Makes a method callable."""
        begin: Callable[..., Any] = self._channel.unary_unary(method, *forms, **options)
        shown = self._shown

        def call(request: Any, *, metadata: Any = (), **given: Any) -> Any:
            return begin(request, metadata=(*(metadata or ()), shown), **given)

        return call

    async def close(self, grace: float | None = None) -> None:
        """Closes the channel; `grace` in seconds."""
        await self._channel.close(grace)
