"""Answers with expansions: each record that comes along stands beside its id.

The JSON of a record is written once, wherever it stands, and joined as text. An answer
without expansions does not come here.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from edge.transcoder.encode import compile_encoder
from edge.transcoder.write import Rewrite, Write, compile_rewriter, compile_writer

# The internal fields of answers that hold expansions, and places without a record.
EXPANDED, MISSING = "expanded", "missing"

_ASSOCIATIONS = "associations"
_NULL = b"null"


def compile_expanding(answer: type[Message]) -> Write | None:
    """The function message -> JSON text of an answer that may hold expansions.

    None for an answer that never does.
    """
    names = answer.DESCRIPTOR.fields_by_name
    if EXPANDED not in names and MISSING not in names:
        return None
    if MISSING not in names:
        return _record_writer(_writer(answer.DESCRIPTOR))
    held: Iterator[Any] = (names[each].message_type for each in ("data", "meta"))
    return _page_writer(*map(_writer, held))


@cache
def _writer(descriptor: Any) -> Write:
    return compile_writer(GetMessageClass(descriptor), compile_encoder(descriptor))


def _record_writer(write: Write) -> Write:
    def write_record(message: Any) -> bytes:
        return _Joined(message).with_members("", message.id, write(message))

    return write_record


def _page_writer(write: Write, write_meta: Write) -> Write:
    """Writes a page, with null where there is no record for an id."""

    def write_page(message: Any) -> bytes:
        joined, missing = _Joined(message), set(message.missing)
        records = iter(message.data)
        places = range(len(message.data) + len(missing))
        data = []
        for place in places:
            if place in missing:
                data.append(_NULL)
                continue
            record = next(records)
            data.append(joined.with_members("", record.id, write(record)))
        meta = write_meta(message.meta)
        return b'{"data":[%b],"meta":%b}' % (b",".join(data), meta)

    return write_page


@cache
def _rewriter(name: str) -> Rewrite:
    """The writer of the message with a full name."""
    return compile_rewriter(GetMessageClass(Default().FindMessageTypeByName(name)))


class _Joined:
    """The members that expansions add to records, as JSON."""

    def __init__(self, message: Any) -> None:
        expanded = getattr(message, EXPANDED, ())
        self._below: dict[str, list[Any]] = {}
        for each in expanded:
            parent, _, _ = _parts(each.path)
            self._below.setdefault(parent, []).append(each)
        self._values: dict[str, Mapping[str, bytes]] = {}
        # Of a path the longer ones come first: a record is written with its members.
        for each in sorted(expanded, key=lambda each: -len(each.path)):
            self._values[each.path] = dict(self._led(each))

    def with_members(self, path: str, record_id: str, record: bytes) -> bytes:
        """A record at a path, with the members that stand beside its ids."""
        below = self._below.get(path)
        if below is None:
            return record
        members: list[bytes] = []
        listed: list[bytes] = []
        for each in below:
            _, group, name = _parts(each.path)
            value = self._values[each.path].get(record_id, _NULL)
            to = listed if group else members
            to.append(b"%b:%b" % (orjson.dumps(name), value))
        if listed:
            members.append(b'"%b":{%b}' % (_ASSOCIATIONS.encode(), b",".join(listed)))
        return b"%b,%b}" % (record[:-1], b",".join(members))

    def _led(self, expansion: Any) -> Iterator[tuple[str, bytes]]:
        """What each record leads to, as JSON."""
        path = expansion.path
        written = {}
        for each in expansion.records:
            record, held = each.record, each.id
            rewrite = _rewriter(record.type_url.rpartition("/")[2])
            written[held] = self.with_members(path, held, rewrite(record.value))
        for lead in expansion.leads:
            found = [written[each] for each in lead.to if each in written]
            if not expansion.is_list:
                yield lead.id, found[0] if found else _NULL
                continue
            more = b"true" if lead.has_more else b"false"
            yield lead.id, b'{"data":[%b],"has_more":%b}' % (b",".join(found), more)


def _parts(path: str) -> tuple[str, str, str]:
    """The path before the last step, the member that groups it, and its name."""
    group, _, name = path.partition(".")
    if group == _ASSOCIATIONS:
        return "", group, name
    parent, _, name = path.rpartition(".")
    return parent, "", name
