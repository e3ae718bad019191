"""Answers with expansions: each record that comes along stands beside its id.

The JSON of a record is written once, wherever it stands, and joined as text. An answer
without expansions does not come here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any

import orjson
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from edge.transcoder.encode import compile_encoder
from edge.transcoder.write import Split, Write, compile_splitter, compile_writer

# The internal fields of answers that hold expansions, and places without a record.
EXPANDED, MISSING = "expanded", "missing"

_PAGE = "page"
_ASSOCIATIONS = "associations"
_NULL = b"null"
_NO_LIST = b'{"data":[],"has_more":false}'

# The member that groups a member, its key, its values by record, and the usual one.
_Member = tuple[str, bytes, Mapping[str, bytes], bytes]


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
        (text,) = _Joined(message).all("", (message.id,), (write(message),))
        return text

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
    joined, records = _Joined(message), split(message.SerializeToString())
    if joined.has_members:
        records = joined.all("", [each.id for each in message.data], records)
    return records


@cache
def _splitter(name: str) -> Split:
    """What splits the page with a full name."""
    found: Any = Default().FindMessageTypeByName(name)
    return compile_splitter(GetMessageClass(found))


class _Joined:
    """The members that expansions add to records, as JSON."""

    def __init__(self, message: Any) -> None:
        expanded = getattr(message, EXPANDED, ())
        self._below: dict[str, list[_Member]] = {}
        # Of a path the longer ones come first: a record is written with its members.
        for each in sorted(expanded, key=lambda each: -len(each.path)):
            parent, group, name = _parts(each.path)
            values = self._list(each) if each.is_list else self._one(each)
            empty = _NO_LIST if each.is_list and each.HasField(_PAGE) else _NULL
            key = (b"%b:" if group else b",%b:") % orjson.dumps(name)
            self._below.setdefault(parent, []).append((group, key, values, empty))

    @property
    def has_members(self) -> bool:
        return bool(self._below)

    def all(
        self, path: str, ids: Sequence[str], records: Sequence[bytes]
    ) -> list[bytes]:
        """The records at a path, with the members that stand beside their ids.

        It goes through them member by member: no line of Python runs for each record.
        """
        pieces: list[Iterable[bytes]] = [[text[:-1] for text in records]]
        listed: list[Iterable[bytes]] = []
        for group, key, values, empty in self._below.get(path, ()):
            to = listed if group else pieces
            to += (repeat(key), map(values.get, ids, repeat(empty)))
            if group:
                listed.append(repeat(b","))
        if listed:
            pieces += (repeat(b',"associations":{'), *listed[:-1], repeat(b"}"))
        pieces.append(repeat(b"}"))
        return list(map(b"".join, zip(*pieces, strict=False)))

    def _records(self, expansion: Any) -> dict[str, bytes]:
        """The records of a path as JSON, by their ids."""
        page = expansion.page
        texts = _splitter(page.TypeName())(page.value) if page.type_url else ()
        ids, path = expansion.record_ids, expansion.path
        if path not in self._below:
            return dict(zip(ids, texts, strict=True))
        return dict(zip(ids, self.all(path, ids, texts), strict=True))

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


def _parts(path: str) -> tuple[str, str, str]:
    """The path before the last step, the member that groups it, and its name."""
    group, _, name = path.partition(".")
    if group == _ASSOCIATIONS:
        return "", group, name
    parent, _, name = path.rpartition(".")
    return parent, "", name
