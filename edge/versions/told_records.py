"""Records as the answers of a dated contract hold them, for files with many of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from google.protobuf.message import Message

from edge.surface import public_services
from edge.transcoder.expansions import compile_records
from edge.transcoder.routes import Route, routes_of
from edge.transcoder.write import NO_MEMBERS, compile_splitter
from edge.versions import CHANGES
from edge.versions.contracts import Contract, Contracts


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Writes each record of a page as JSON text.

    `packed` takes a serialized page, `page` a message with what came along.
    """

    packed: Callable[[bytes], list[bytes]]
    page: Callable[[Any], list[bytes]]


# By the message of a page, and the date of a contract; "" is the newest one.
WriteRecords = Callable[[type[Message], str], RecordWriter]


def records_writer(contracts: Contracts | None = None) -> WriteRecords:
    """The function that makes the writers of pages."""
    known = Contracts(CHANGES) if contracts is None else contracts

    def writer(page: type[Message], contract: str) -> RecordWriter:
        found = known.of([contract]) if contract else known.newest
        write = compile_records(page)
        if not found.downgrades:
            split = compile_splitter(page)
            return RecordWriter(lambda packed: split(packed, NO_MEMBERS), write)

        def downgraded(message: Any) -> list[bytes]:
            return _downgraded(found, _search(page), write(message))

        def parsed(packed: bytes) -> list[bytes]:
            return downgraded(page.FromString(packed))

        return RecordWriter(parsed, downgraded)

    return cache(writer)  # type: ignore[return-value]  # the stubs forget parameters


def _search(page: type[Message]) -> Route:
    """The route whose answers are such pages."""
    routes = routes_of(public_services())
    return next(each for each in routes if each.response_class is page)


def _downgraded(contract: Contract, route: Route, records: list[bytes]) -> list[bytes]:
    body = {"data": [orjson.loads(each) for each in records], "meta": {}}
    return [orjson.dumps(each) for each in contract.downgrade(route, body)["data"]]
