"""Answers with expansions: each record that comes along stands beside its id.

The JSON of a record is written once, wherever it stands, and joined as text. An answer
without expansions does not come here.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from edge.transcoder.encode import compile_encoder
from edge.transcoder.write import (
    NO_MEMBERS,
    Member,
    Members,
    Split,
    Write,
    compile_splitter,
    compile_writer,
    with_members,
)

# The internal fields of answers that hold expansions, and places without a record.
EXPANDED, MISSING = "expanded", "missing"

_PAGE = "page"
_ASSOCIATIONS = "associations"
_NULL = b"null"
_NO_LIST = b'{"data":[],"has_more":false}'

# What begins the member that groups the lists of associated records.
_GROUP = b',"associations":{'


def compile_expanding(answer: type[Message]) -> Write | None:
    """The function message -> JSON text of an answer that may hold expansions.

    None for an answer that never does.
    """
    names = answer.DESCRIPTOR.fields_by_name
    if EXPANDED not in names and MISSING not in names:
        return None
    if MISSING not in names:
        return _record_writer(_writer(answer.DESCRIPTOR))
    meta: Any = names["meta"].message_type
    return _page_writer(compile_splitter(answer), _writer(meta))


@cache
def _writer(descriptor: Any) -> Write:
    return compile_writer(GetMessageClass(descriptor), compile_encoder(descriptor))


def _record_writer(write: Write) -> Write:
    def write_record(message: Any) -> bytes:
        return with_members(write(message), message.id, _Joined(message).members(""))

    return write_record


def _page_writer(split: Split, write_meta: Write) -> Write:
    """Writes a page, with null where there is no record for an id."""

    def write_page(message: Any) -> bytes:
        records = _split(split, message)
        for place in message.missing:  # from the first one to the last
            records.insert(place, _NULL)
        meta = write_meta(message.meta)
        return b'{"data":[%b],"meta":%b}' % (b",".join(records), meta)

    return write_page


def compile_records(page: type[Message]) -> Callable[[Any], list[bytes]]:
    """The function page -> JSON text of each of its records, with what came along."""
    split = compile_splitter(page)
    return lambda message: _split(split, message)


def _split(split: Split, message: Any) -> list[bytes]:
    return split(message.SerializeToString(), _Joined(message).members(""))


@cache
def _splitter(name: str) -> Split:
    """What splits the page with a full name."""
    found: Any = Default().FindMessageTypeByName(name)
    return compile_splitter(GetMessageClass(found))


class _Joined:
    """The members that expansions add to records, as JSON."""

    def __init__(self, message: Any) -> None:
        expanded = getattr(message, EXPANDED, ())
        self._below: dict[str, list[Member]] = {}
        self._lists: list[Member] = []
        # Of a path the longer ones come first: a record is written with its members.
        for each in sorted(expanded, key=lambda each: -len(each.path)):
            parent, name = _parts(each.path)
            if each.is_list:
                begin = b"," if self._lists else _GROUP
                empty = _NO_LIST if each.HasField(_PAGE) else _NULL
                member = begin + _key(name), self._list(each), empty
                self._lists.append(member)
            else:
                member = b"," + _key(name), self._one(each), _NULL
                self._below.setdefault(parent, []).append(member)

    def members(self, path: str) -> Members:
        """The members of the records at a path. Lists are there for the first ones."""
        below = self._below.get(path, [])
        if not path and self._lists:
            return Members(below + self._lists, b"}}")
        return Members(below, b"}") if below else NO_MEMBERS

    def _records(self, expansion: Any) -> dict[str, bytes]:
        """The records of a path as JSON, by their ids."""
        page = expansion.page
        if not page.type_url:
            return {}
        texts = _splitter(page.TypeName())(page.value, self.members(expansion.path))
        return dict(zip(expansion.record_ids, texts, strict=True))

    def _one(self, expansion: Any) -> dict[str, bytes]:
        """What each record leads to."""
        records = self._records(expansion)
        ends = map(records.__getitem__, expansion.to_ids)
        return dict(zip(expansion.from_ids, ends, strict=True))

    def _list(self, expansion: Any) -> dict[str, bytes]:
        """What each record leads to several of."""
        records, more = self._records(expansion), set(expansion.more_ids)
        found: dict[str, list[bytes]] = {}
        for start, end in zip(expansion.from_ids, expansion.to_ids, strict=True):
            found.setdefault(start, []).append(records[end])
        return {start: _listed(each, start in more) for start, each in found.items()}


def _listed(records: list[bytes], has_more: bool) -> bytes:
    more = b"true" if has_more else b"false"
    return b'{"data":[%b],"has_more":%b}' % (b",".join(records), more)


def _key(name: str) -> bytes:
    return orjson.dumps(name) + b":"


def _parts(path: str) -> tuple[str, str]:
    """The path before the last step, and the name of the member."""
    group, _, name = path.partition(".")
    if group == _ASSOCIATIONS:
        return "", name
    parent, _, name = path.rpartition(".")
    return parent, name
