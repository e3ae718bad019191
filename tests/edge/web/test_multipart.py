"""Forms with a file: what browsers send is read however it is cut, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.problems import ProblemError
from edge.web.multipart import Multipart

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
# What a careless reader takes for the end of the file.
_NEARLY = st.sampled_from(
    [b"\r\n", b"--", b"\r\n--", f"\r\n--{BOUNDARY[:-1]}".encode(), BOUNDARY.encode()]
)
CONTENTS = st.lists(st.one_of(st.binary(max_size=40), _NEARLY), max_size=12).map(
    b"".join
)
FIELDS = st.dictionaries(
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    st.text(max_size=30).filter(lambda text: "\r" not in text and "\0" not in text),
    max_size=5,
)


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
    return head.encode() + b"\r\n" + value + b"\r\n"


def form(fields: dict[str, str], content: bytes, file_name: str = "a.csv") -> bytes:
    """A form as a browser writes it."""
    its = b"".join(part(name, value.encode()) for name, value in fields.items())
    of_file = f'; filename="{file_name}"\r\nContent-Type: text/csv'
    return its + part("file", content, of_file) + f"--{BOUNDARY}--\r\n".encode()


def read(body: bytes, sizes: list[int]) -> tuple[Multipart, bytes]:
    """Reads a body that comes in pieces of these sizes, and then byte by byte."""
    reader, found, place = Multipart(TYPE), b"", 0
    for size in [*sizes, *[1] * len(body)]:
        found += reader.feed(body[place : place + size])
        place += size
    reader.check_end()
    return reader, found


@given(
    fields=FIELDS,
    content=CONTENTS,
    sizes=st.lists(st.integers(0, 300), max_size=10),
)
def test_a_form_is_read_as_it_was_written(
    fields: dict[str, str], content: bytes, sizes: list[int]
) -> None:
    if f"\r\n--{BOUNDARY}".encode() in b"\r\n" + content + b"\r\n":
        return  # no browser chooses a boundary that the file holds
    reader, found = read(form(fields, content, "ärger.csv"), sizes)
    assert (reader.fields, found) == (fields, content)
    assert reader.file_name == "ärger.csv"


@given(body=st.one_of(st.binary(max_size=300), CONTENTS))
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ProblemError):
        read(body, [])


WHOLE = form({"form_token": "t"}, b"a,b\n1,2\n")
TWO = part("file", b"1", '; filename="a"') + part("more", b"2")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(WHOLE[:-30], id="cut in its end"),
        pytest.param(part("a", b"1") + f"--{BOUNDARY}--".encode(), id="no file"),
        pytest.param(TWO + f"--{BOUNDARY}--".encode(), id="a field after the file"),
        pytest.param(part("a", b"1") * 2 + WHOLE, id="a field twice"),
        pytest.param(part("a", b"\xff") + WHOLE, id="no UTF-8"),
        pytest.param(part("a", b"x" * 20_000) + WHOLE, id="a long field"),
        pytest.param(WHOLE.replace(b'name="file"', b"x" * 9_000), id="a long head"),
        pytest.param(
            b"".join(part(f"n{n}", b"") for n in range(30)) + WHOLE, id="many fields"
        ),
        pytest.param(WHOLE.replace(b"form-data", b"attachment"), id="no form data"),
    ],
)
def test_bad_forms_are_refused(body: bytes) -> None:
    with pytest.raises(ProblemError):
        read(body, [len(body)])


@pytest.mark.parametrize(
    "content_type",
    ["", "text/csv", "multipart/form-data", "multipart/form-data; boundary=", TYPE * 9],
)
def test_other_media_types_are_refused(content_type: str) -> None:
    with pytest.raises(ProblemError):
        Multipart(content_type)


def test_little_is_held_while_a_large_file_comes() -> None:
    reader = Multipart(TYPE)
    reader.feed(WHOLE[:-40])
    block = b"\r\n--x" * 50_000
    for _ in range(20):
        assert len(block) - 100 < len(reader.feed(block)) < len(block) + 100
