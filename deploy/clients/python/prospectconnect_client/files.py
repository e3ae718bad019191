"""The files of exports and imports, fetched and sent in pieces.

Each piece is a call of its own, with the retries and the spacing of any call, so a
connection that breaks off costs one piece. No more than a piece is in memory.

What is to be done is written here once, for both clients: a generator yields each call
and is sent the answer. It also yields what to tell about the progress.
"""

import base64
import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Literal
from urllib.parse import quote

from prospectconnect_client.answers import Answer
from prospectconnect_client.problems import ProspectConnectError
from prospectconnect_contract import records
from prospectconnect_contract.operations import Call

# 2 GiB, the most that an import takes, are 512 of these; it takes 1,000 parts.
PIECE_BYTES = 4 * 1024 * 1024

_WAIT_SECONDS = 2
_AHEAD = frozenset({"waiting", "running"})
_PARTIAL_CONTENT = 206


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export or an import is.

    Attributes:
        stage: What goes on. A `job` counts records, the others count bytes.
        done: How much is done, what failed included.
        total: How much there is to do; None until that is known.
        failed: How many records failed.
        id: The id of the export or the import. If the program ends early, `download`
            or `upload` go on with it.
    """

    stage: Literal["upload", "job", "download"]
    done: int
    total: int | None
    failed: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that has ended.

    Attributes:
        export: The export.
        paths: Where its files are, in their order.
        job: The job that wrote them; None if it had ended before.
    """

    export: records.Export
    paths: list[Path]
    job: records.Job | None = None


OnProgress = Callable[[Progress], object]
Steps = Generator[Call | Progress, Any, Any]


class JobFailed(ProspectConnectError):
    """An export or an import has failed or was cancelled.

    Attributes:
        record: The export or the import; its `state` and `problem` say more.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        problem = record["problem"] or {}
        told = f": {problem['detail']}" if problem.get("detail") else "."
        super().__init__(f"{record['id']} is {record['state']}{told}")


class FileDiffers(ProspectConnectError):
    """What has arrived is not the file that the API has. It was deleted."""


def export_to(folder: Path, body: Mapping[str, Any], key: str | None) -> Steps:
    """Creates an export and fetches its files. Returns `Exported`."""
    made = (yield _creation("/v1/exports", body, key)).json
    return (yield from fetch_export(made["id"], folder, made))


def fetch_export(
    export_id: str, folder: Path, made: Mapping[str, Any] | None = None
) -> Steps:
    """Waits for an export and fetches those of its files that are not there yet.

    `made`: the export, if it was just created.
    """
    path = _path("exports", export_id)
    export, job = yield from _ended(path, made)
    files = export["result"]["files"]
    folder.mkdir(parents=True, exist_ok=True)
    before, total = 0, sum(file["bytes"] for file in files)
    paths = []
    for file in files:
        target = folder / PurePath(file["name"]).name
        source = _Source(
            f"{path}/files/{file['number']}", file["bytes"], file["sha256"], export_id
        )
        yield from _fetched(source, target, before, total)
        before += file["bytes"]
        paths.append(target)
    return Exported(export, paths, job)


def import_from(file: Path, body: Mapping[str, Any], key: str | None) -> Steps:
    """Creates an import and sends its content. Returns the import at its end."""
    with file.open("rb"):  # before anything is created
        made = yield _creation("/v1/imports", body, key)
    return (yield from send_import(made.json["id"], file))


def send_import(import_id: str, file: Path) -> Steps:
    """Sends those parts that have not arrived, starts the import and waits for it."""
    path = _path("imports", import_id)
    found = (yield Call("GET", path, None, {})).json
    if found["state"] == "waiting_for_content":
        arrived = {part["number"]: part["sha256"] for part in found["parts"]}
        yield from _sent(path, file, arrived, import_id)
        yield Call("POST", f"{path}/start", None, {}, keyed=True)
    record, _ = yield from _ended(path)
    return record


def fetch_errors(import_id: str, target: Path) -> Steps:
    """Fetches the rows that were rejected, each with its problem."""
    path = f"{_path('imports', import_id)}/errors.csv"
    head: Answer = yield Call("HEAD", path, None, {})
    size, sha256 = int(head.headers["content-length"]), (head.etag or "").strip('"')
    yield from _fetched(_Source(path, size, sha256, import_id), target, 0, size)
    return target


@dataclass(frozen=True, slots=True)
class _Source:
    """A file of the API: its path, its size in bytes, its SHA-256, and whose it is."""

    path: str
    size: int
    sha256: str
    owner: str


def _creation(path: str, body: Mapping[str, Any], key: str | None) -> Call:
    headers = {} if key is None else {"Idempotency-Key": key}
    return Call("POST", path, body, headers, keyed=True)


def _path(resource: str, record_id: str) -> str:
    return f"/v1/{resource}/{quote(record_id, '')}"


def _ended(path: str, made: Mapping[str, Any] | None = None) -> Steps:
    """The export or the import when it has succeeded, and its job if it was waited for.

    `made`: the record, if it was just created.
    """
    record, job = made or (yield Call("GET", path, None, {})).json, None
    while record["state"] in _AHEAD:
        wait = f"{_path('jobs', record['job_id'])}/wait"
        job = (yield Call("POST", wait, {"wait_seconds": _WAIT_SECONDS}, {})).json
        told = job["progress"]
        yield Progress("job", told["done"], told["total"], told["failed"], record["id"])
        if job["state"] not in _AHEAD:
            record = (yield Call("GET", path, None, {})).json
    if record["state"] != "succeeded":
        raise JobFailed(record)
    return record, job


def _sent(path: str, file: Path, arrived: Mapping[int, str], owner: str) -> Steps:
    """Sends a file in parts, without those that have arrived."""
    total, done, count = file.stat().st_size, 0, 0
    with file.open("rb") as content:
        for count, piece in enumerate(_pieces(content), 1):
            digest = hashlib.sha256(piece)
            if arrived.get(count) != digest.hexdigest():
                told = base64.b64encode(digest.digest()).decode()
                headers = {"Content-Digest": f"sha-256=:{told}:"}
                to = f"{path}/content/{count}"
                yield Call("PUT", to, None, headers, content=piece)
            done += len(piece)
            yield Progress("upload", done, total, id=owner)
    if any(number > count for number in arrived):
        raise ValueError("The import has parts of a longer file. Create another one.")


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    """The pieces of a file; an empty file is one piece without bytes."""
    piece = content.read(PIECE_BYTES)
    yield piece
    while piece := content.read(PIECE_BYTES):
        yield piece


def _fetched(source: _Source, target: Path, before: int, total: int) -> Steps:
    """Fetches a file, unless it is there. What has arrived is kept beside it, under a
    name of its own, so that the next try goes on from there."""
    if target.is_file() and _sha256(target) == source.sha256:
        yield Progress("download", before + source.size, total, id=source.owner)
        return
    partial = target.with_name(f".{target.name}.{source.sha256[:16]}.part")
    with partial.open("ab") as file:
        while (begin := file.tell()) < source.size:
            end = min(begin + PIECE_BYTES, source.size)
            headers = {
                "Range": f"bytes={begin}-{end - 1}",
                "If-Match": f'"{source.sha256}"',
            }
            answer: Answer = yield Call("GET", source.path, None, headers)
            if answer.status != _PARTIAL_CONTENT or len(answer.body) != end - begin:
                raise FileDiffers(f"{target.name}: the answer is not the range.")
            file.write(answer.body)
            yield Progress("download", before + end, total, id=source.owner)
    if _sha256(partial) != source.sha256:
        partial.unlink()
        raise FileDiffers(f"{target.name}: its SHA-256 is not {source.sha256}.")
    partial.replace(target)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in _pieces(file):
            digest.update(piece)
    return digest.hexdigest()
