"""The stream of NATS JetStream that takes changes. It is made when it is missing.

The server drops a message with an id that it has had within two minutes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from prospectconnect.crm.v1.changes_pb2 import Change

from deploy.errors import DeployError
from deploy.relaying.cloud_events import CloudEvent, CloudEvents
from services.relay.relaying import PublishingError

STREAM, PREFIX = "PROSPECTCONNECT", "prospectconnect"
DOUBLES_SECONDS = 120
_ANSWER_SECONDS = 5.0
_CONNECT_SECONDS = 5

_log = structlog.get_logger()


class NatsStream:
    """Publishes changes to the stream of a connected client (of `nats-py`)."""

    def __init__(self, client: Any) -> None:
        self._client, self._stream = client, client.jetstream()
        self._events = CloudEvents(PREFIX)
        self._is_there = False

    async def publish(self, business_id: str, change: Change) -> None:
        """Returns once the server has stored the change."""
        event = self._events.of(business_id, change)
        if len(event.data) + _headers(event) > self._client.max_payload:
            event = self._events.thin(business_id, change)
        headers = {**event.headers, "Nats-Msg-Id": change.id}
        try:
            if not self._is_there:
                await self._make()
            await self._stream.publish(
                event.subject,
                event.data,
                timeout=_ANSWER_SECONDS,
                stream=STREAM,
                headers=headers,
            )
        except Exception as error:  # of any kind: the client has no class for all
            self._is_there = False
            raise PublishingError(f"{type(error).__name__} {error}") from error

    async def _make(self) -> None:
        from nats.js.errors import NotFoundError  # noqa: PLC0415 - an extra

        try:
            await self._stream.stream_info(STREAM)
        except NotFoundError:
            await self._stream.add_stream(
                name=STREAM,
                subjects=[f"{PREFIX}.>"],
                duplicate_window=DOUBLES_SECONDS,
            )
            _log.info("stream_made", stream=STREAM)
        self._is_there = True


def _headers(event: CloudEvent) -> int:
    """The room of the headers, and of the id that comes along."""
    pairs = event.headers.items()
    return 100 + sum(len(name) + len(value) + 4 for name, value in pairs)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[NatsStream]:
    """A stream of the server at `url`. Once connected, it connects again for ever."""
    try:
        import nats  # noqa: PLC0415 - an extra
    except ImportError as error:
        message = "The relay needs nats-py: pip install 'prospectconnect[nats]'"
        raise DeployError(message) from error

    async def ignore(_: Exception) -> None:
        """Publishing fails, and that is told."""

    try:
        client = await nats.connect(
            url,
            name="prospectconnect relay",
            connect_timeout=_CONNECT_SECONDS,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            allow_reconnect=True,
            error_cb=ignore,
        )
    except Exception as error:
        raise DeployError(f"No NATS server answers at --to: {error}") from error
    try:
        yield NatsStream(client)
    finally:
        await client.close()
