"""Texts that an assistant sends as files, and files that it reads piece by piece."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.type.v1.files_pb2 import FilePiece

from edge.mcp.files import LEAST_PIECE, MOST_CONTENT, MOST_PIECE
from edge.mcp.results import MOST_BYTES
from edge.mcp.transfers import fitting
from tests.edge.mcp.assistant import call, told
from tests.edge.served import OnEdge, Served


def read(whole: bytes, length: int) -> list[Any]:
    """The answers of an assistant that reads a file to its end."""
    answers, offset = list[Any](), 0
    while offset is not None:
        data = whole[offset : offset + length]
        piece = FilePiece(data=data, name="f.csv", total_bytes=len(whole))
        result = fitting(piece, offset)
        assert len(orjson.dumps(result)) <= MOST_BYTES
        answers.append(orjson.loads(result["content"][0]["text"]))
        assert answers[-1]["offset"] == offset
        offset = answers[-1]["next_offset"]
    return answers


LINES = st.lists(st.text(max_size=400), max_size=60)


@given(LINES, st.integers(LEAST_PIECE, MOST_PIECE))
def test_the_pieces_are_the_file_in_whole_characters(
    lines: list[str], length: int
) -> None:
    text = "\n".join(lines)
    answers = read(text.encode(), length)
    assert "".join(each["text"] for each in answers) == text


@given(st.binary(max_size=3_000))
def test_any_bytes_are_read_to_their_end(whole: bytes) -> None:
    answers = read(whole, LEAST_PIECE)
    assert answers[-1]["next_offset"] is None
    is_text = whole.decode(errors="replace").encode() == whole
    assert is_text or any("note" in each for each in answers)


@pytest.mark.parametrize("each", ["\x01", '"', "\\", "é", "𐍈", "a"])
def test_a_result_has_its_bound_whatever_its_text_needs_as_json(each: str) -> None:
    text = each * 40_000
    assert "".join(one["text"] for one in read(text.encode(), MOST_PIECE)) == text


def test_a_piece_ends_with_a_line() -> None:
    row = f"{'x' * 99}\n"
    first = read((row * 20).encode(), 250)[0]
    assert (first["text"], first["next_offset"]) == (row * 2, 200)


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ({"offset": -1}, "offset", "too_small"),
        ({"offset": 2**60}, "offset", "too_large"),
        ({"offset": 1.5}, "offset", "invalid_type"),
        ({"offset": True}, "offset", "invalid_type"),
        ({"length": 0}, "length", "too_small"),
        ({"length": MOST_PIECE + 1}, "length", "too_large"),
        ({"length": "9"}, "length", "invalid_type"),
        ({"range": "bytes=0-"}, "range", "unknown_field"),
    ],
)
def test_a_wrong_place_is_told(
    on_edge: OnEdge, arguments: dict[str, Any], field: str, code: str
) -> None:
    async def scenario(edge: Served) -> None:
        its = {"id": "exp_1", "number": "1", **arguments}
        problem = told(await call(edge, "get_export_file", its))
        (fault,) = problem["errors"]
        assert (fault["field"], fault["code"]) == (field, code)

    on_edge(scenario)


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ({}, "content", "required"),
        ({"content": ""}, "content", "required"),
        ({"content": ["email"]}, "content", "invalid_type"),
        ({"content": "é" * (MOST_CONTENT // 2 + 1)}, "content", "too_long"),
        ({"content": "email", "dry_run": True}, "dry_run", "unknown_field"),
        ({"content": "email", "sending": "x"}, "sending", "unknown_field"),
    ],
)
def test_a_wrong_content_is_told(
    on_edge: OnEdge, arguments: dict[str, Any], field: str, code: str
) -> None:
    async def scenario(edge: Served) -> None:
        its = {"id": "imp_1", **arguments}
        problem = told(await call(edge, "write_import_content", its))
        (fault,) = problem["errors"]
        assert (fault["field"], fault["code"]) == (field, code)

    on_edge(scenario)
