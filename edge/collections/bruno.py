"""A folder for Bruno, as a ZIP archive: a file for each request, as text."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from edge.collections.calls import (
    ABOUT,
    BASE,
    NAME,
    TOKEN,
    VERSION,
    Call,
    Value,
    folders_of,
)
from edge.reference.document import Document

_ROOT = "prospectconnect"
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same document makes the same bytes
_MODE = 0o644 << 16
_TOKENS = f"{{{{{TOKEN}}}}}"
_LINES = re.compile(r"^", re.MULTILINE)


def archive(document: Document, address: str) -> bytes:
    """The folder of a document for the server at an address."""
    made = io.BytesIO()
    with ZipFile(made, "w") as archive_:
        for path, text in files_of(document, address):
            info = ZipInfo(f"{_ROOT}/{path}", _MOMENT)
            info.compress_type, info.external_attr = ZIP_DEFLATED, _MODE
            archive_.writestr(info, text)
    return made.getvalue()


def files_of(document: Document, address: str) -> Iterator[tuple[str, str]]:
    """The files of the folder: their paths and texts."""
    about = {"version": "1", "name": f"{NAME} {document.version}", "type": "collection"}
    yield "bruno.json", json.dumps(about, indent=2) + "\n"
    auth = _block("auth", ["mode: bearer"])
    yield (
        "collection.bru",
        _joined(auth, _block("auth:bearer", [f"token: {_TOKENS}"]), _docs(ABOUT)),
    )
    values = [f"{BASE}: {address}", f"{VERSION}: {document.version}"]
    secret = f"vars:secret [\n  {TOKEN}\n]"
    yield "environments/This server.bru", _joined(_block("vars", values), secret)
    for number, folder in enumerate(folders_of(document), 1):
        name = folder.name.lower().replace(" ", "-")
        meta = _block("meta", [f"name: {folder.name}", f"seq: {number}"])
        yield f"{name}/folder.bru", _joined(meta, _docs(folder.about))
        for at, call in enumerate(folder.calls, 1):
            yield f"{name}/{call.operation.anchor}.bru", _request(call, at)


def _request(call: Call, at: int) -> str:
    operation = call.operation
    path = re.sub(r"{(\w+)}", r":\1", operation.path)
    kind = "none" if call.body is None else "json" if call.is_json else "text"
    told = [f"url: {{{{{BASE}}}}}{path}", f"body: {kind}", "auth: inherit"]
    meta = [f"name: {operation.summary}", "type: http", f"seq: {at}"]
    return _joined(
        _block("meta", meta),
        _block(operation.method.lower(), told),
        _values("params:query", call.query),
        _values("params:path", call.path),
        _values("headers", call.headers),
        "" if call.body is None else _text(f"body:{kind}", call.body),
        _docs(operation.about),
    )


def _values(name: str, values: Iterable[Value]) -> str:
    lines = [f"{'' if e.is_on else '~'}{e.name}: {e.value}" for e in values]
    return _block(name, lines) if lines else ""


def _docs(text: str) -> str:
    return _text("docs", text)


def _text(name: str, text: str) -> str:
    """A block of text. Its lines are indented, so that none can end it."""
    return _block(name, text.rstrip("\n").split("\n"))


def _block(name: str, lines: Iterable[str]) -> str:
    inner = "\n".join(lines)
    return f"{name} {{\n{_LINES.sub('  ', inner)}\n}}"


def _joined(*blocks: str) -> str:
    return "\n\n".join(filter(None, blocks)) + "\n"
