"""What is given to the compiled code: records of JSON, messages, and rows."""

import struct
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import orjson
from prospectconnect.crm.v1.contacts_pb2 import Contact, SearchContactsResponse

from edge.transcoder._encode import Encoder
from edge.transcoder.write import _encoder
from services.exports.cells import Column, cutter_of
from services.records._rows import Packer
from tests.fuzz.compiled.hostile_bytes import spoiled

# How readers refuse what is malformed.
REFUSALS = (ValueError, TypeError, AssertionError, RecursionError, OverflowError)
BUSINESS = "biz_1"

COLUMNS = (
    Column("text", type="text"),
    Column("count", type="whole"),
    Column("amount", type="decimal", decimals=2),
    Column("tags", type="texts"),
    Column("own.a", "a"),
    Column("own.b", "b"),
    Column("own", others=frozenset(("a", "b"))),
    Column("more"),
)
_CUTTERS = [cutter_of(COLUMNS), cutter_of(COLUMNS[-1:]), cutter_of(COLUMNS[4:7])]
RECORDS = [
    {"text": 'Ada, "x"\n=1', "count": -5, "amount": 1.5, "tags": ["a", "b|c", ""]},
    {"own": {"a": 1, "b": [1, {"x": None}], "c": "\x1f\\", "d": {}}, "more": [[], "t"]},
    {"text": "\x1f\x01 \n", "more": "\x02", "tags": ["\x03\\"], "own": {"a": "\x1e"}},
    {"text": None, "tags": [], "own": {}, "more": {"a": {"b": {"c": [1, 2, 3]}}}},
    {
        "more": "\uff1d1",
        "text": "'=",
        "tags": ["\u3000x", "y"],
        "count": 10**30 % 2**60,
    },
]
LINES = [orjson.dumps(each) for each in RECORDS]


def cells(dice: Random) -> None:
    """Cuts lines of JSON into cells, as rows and as columns."""
    count = dice.randrange(1, 4)
    lines = [spoiled(dice.choice(LINES), LINES, dice) for _ in range(count)]
    cutter = dice.choice(_CUTTERS)
    for way in (cutter.rows, cutter.columns):
        with suppress(*REFUSALS):
            way(lines)


def _messages() -> list[bytes]:
    one = Contact(id="con_1", first_name="Zoë", lead_score=-3, tags=["a", "b"])
    one.created_at.FromJsonString("2026-06-17T14:30:00.123456Z")
    one.custom_fields.update({"a": 1, "b": [True, None, {"c": "\x01"}], "d": -0.0})
    two = Contact(id="con_2", answered_fields=["id", "email"], email="a@b.example")
    pages = [SearchContactsResponse(data=each) for each in ([one], [one, two], [])]
    pages[0].meta.cursor.next = "x" * 300
    return [each.SerializeToString() for each in (one, two, *pages)]


MESSAGES = _messages()
ENCODERS: list[Any] = [_encoder(each, ()) for each in (Contact, SearchContactsResponse)]
# Members that a record has besides: the text of an id, or that of all others.
MEMBERS = [(b',"x":', {"con_1": b"1"}, b"null")]


def messages(dice: Random) -> None:
    """Writes messages as JSON, whole ones and each of a page."""
    data = spoiled(dice.choice(MESSAGES), MESSAGES, dice)
    for encode in ENCODERS:
        with suppress(*REFUSALS):
            encode(data)
    with suppress(*REFUSALS):
        ENCODERS[1].each(data, dice.choice(([], MEMBERS)), b"}")


def _column(oid: int, data: bytes | None) -> bytes:
    head = struct.pack(">ii", oid, -1 if data is None else len(data))
    return head + (data or b"")


def _texts(*texts: bytes) -> bytes:
    parts = b"".join(struct.pack(">i", len(each)) + each for each in texts)
    return struct.pack(">iiiii", 1, 0, 25, len(texts), 1) + parts


JSONB = (
    b'\x01{"a": [1, -2.5, "\\u001f\\n", null], "b": {"c": true}, "d": 1234567890123456}'
)
# Columns as `record_send` writes them, by the kinds of the packer.
SENT: tuple[tuple[str, bytes], ...] = (
    ("s", _column(25, "Zoë".encode())),
    ("v", _column(23, struct.pack(">i", -7))),
    ("v", _column(20, struct.pack(">q", 2**40))),
    ("v", _column(16, b"\x01")),
    ("t", _column(1184, struct.pack(">q", -999_999))),
    ("d", _column(1082, struct.pack(">i", 9_000))),
    ("n", _column(1700, struct.pack(">hhhhhhh", 3, 1, 0x4000, 2, 12, 3456, 7800))),
    ("n", _column(1700, struct.pack(">hhhhh", 1, -3, 0, 12, 5))),
    ("l", _column(1009, _texts(b"a", b"", b"tag"))),
    ("j", _column(3802, JSONB)),
    ("j", _column(3802, None)),
)
PACKER = Packer(
    tuple((n, kind, str) for n, (kind, _) in enumerate(SENT, start=1)), 60, b"", True
)
ROW = (
    struct.pack(">i", len(SENT) + 2)
    + _column(25, BUSINESS.encode())
    + b"".join(data for _, data in SENT)
    + _column(23, struct.pack(">i", 12))
)
# In Python's values, as rows of asyncpg have them.
PLAIN: Any = Packer(((1, "s", str), (2, "j", str), (3, "l", str)), 60, b"", False)


def rows(dice: Random) -> None:
    """Packs rows as PostgreSQL sends them, and deep values as Python has them."""
    head = dice.choice((0, 4 + 8 + len(BUSINESS)))  # faults behind the tenant go deeper
    data = ROW[:head] + spoiled(ROW[head:], [ROW, JSONB], dice)
    with suppress(*REFUSALS):
        PACKER.row([data], BUSINESS)
    deep: Any = dice.choice(("x", 1.5, None, "\ud800"))
    for _ in range(dice.choice((0, 3, 2_000))):
        deep = dice.choice(([deep], {"k": deep}))
    with suppress(*REFUSALS):
        PLAIN.rows([(BUSINESS, "t", {"a": deep}, ["x", "y"], 1)], BUSINESS)


def check_good() -> None:
    """What has no fault is read: else the cases would test nothing."""
    assert _CUTTERS[0].rows(LINES).count(b"\r\n") >= len(LINES)
    assert orjson.loads(ENCODERS[0](MESSAGES[0]))["id"] == "con_1"
    assert len(ENCODERS[1].each(MESSAGES[3], MEMBERS, b"}")) == 2
    assert PACKER.row([ROW], BUSINESS)


assert Encoder is not None
check_good()
TARGETS: tuple[Callable[[Random], None], ...] = (cells, messages, rows)
