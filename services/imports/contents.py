"""Contents of imports: sent in pieces, and there once their last piece is.

A sending is one try to send a part, with a name of its own. Its pieces lie in the store
under that name, so that nothing of a sending that breaks off is ever read.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller
from services.clock import now
from services.errors import (
    NotFound,
    RoleDenied,
    Unavailable,
    ValidationFailed,
    WrongState,
)
from services.faults import Fault
from services.files.stores import Files
from services.imports import statements as sql
from services.postgres.database import Database, Transaction

PIECE_BYTES = 1024 * 1024
MOST_BYTES = 2 * 1024**3
MOST_PARTS = 1_000
_MOST_PIECES = MOST_BYTES // PIECE_BYTES + 1
WHOLE = 1

_SENDING = re.compile(r"[0-9A-Za-z]{1,32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sending of a part. With the last one the part is there."""

    number: int
    sending: str
    place: int
    data: bytes
    is_last: bool
    sha256: str


def folder_of(business_id: str, import_id: str) -> str:
    """Where the files of an import lie, with a slash at the end."""
    return f"{business_id}/imports/{import_id}/"


def piece_name(folder: str, number: int, sending: str, place: int) -> str:
    """The name of a piece."""
    return f"{folder}{number}/{sending}/{place:05}"


def read_piece(request: Any, number: str = str(WHOLE)) -> Piece:
    """The piece in a request. Raises `ValidationFailed`."""
    size, code = len(request.data), FaultCode.FAULT_CODE_INVALID
    faults = list[Fault]()
    if not _NUMBER.fullmatch(number) or int(number) > MOST_PARTS:
        text = f"Give the number of a part, 1 to {MOST_PARTS}."
        faults.append(Fault("number", code, text))
    if not _SENDING.fullmatch(request.sending):
        text = "Give up to 32 letters and digits, the same for all pieces."
        faults.append(Fault("sending", code, text))
    if not 0 <= request.piece < _MOST_PIECES:
        faults.append(Fault("piece", code, f"Give 0 to {_MOST_PIECES - 1}."))
    if size > PIECE_BYTES or (0 < size < PIECE_BYTES and not request.last):
        text = f"A piece has {PIECE_BYTES} bytes; only the last one may have fewer."
        faults.append(Fault("data", code, text))
    if request.last and not _DIGEST.fullmatch(request.sha256):
        faults.append(Fault("sha256", code, "Give 64 hexadecimal digits."))
    elif request.last and not request.piece and not _is_of(request):
        faults.append(Fault("sha256", code, "The data has another SHA-256."))
    if faults:
        raise ValidationFailed(faults)
    its = request.sending, request.piece, bytes(request.data), request.last
    return Piece(int(number), *its, request.sha256)


def _is_of(request: Any) -> bool:
    """Whether the digest is that of a part of one piece. Others nobody reads again."""
    return bool(sha256(request.data).hexdigest() == request.sha256)


def check_sender(caller: Caller, found: pb.Import) -> None:
    """Refuses a caller who may not send a content to an import."""
    check_maker(caller, found)
    refuse_started(found.state)


def check_maker(caller: Caller, found: pb.Import) -> None:
    """Refuses a caller who has not created an import."""
    if found.created_by != caller.user_id:
        text = "Only the user who created the import may send its content and start it."
        raise RoleDenied(text, "")


def refuse_started(state: int) -> None:
    """Refuses a change of an import that does not wait for its content any more."""
    if state != pb.IMPORT_STATE_WAITING_FOR_CONTENT:
        name = pb.ImportState.Name(pb.ImportState.ValueType(state))
        state_name = name.removeprefix("IMPORT_STATE_").lower()
        raise WrongState(f"The import does not wait for content: it is {state_name}.")


class Contents:
    """The contents of all imports."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database, self._files = database, files

    async def keep(self, call: Call, import_id: str, piece: Piece) -> None:
        """Puts a piece into the store. Nothing if it has no bytes."""
        if not piece.data or call.is_dry:
            return
        business_id = call.caller.business_id
        if not piece.place:
            await self._database.run(sql.HAS_FILES, business_id, import_id)
        folder = folder_of(business_id, import_id)
        name = piece_name(folder, piece.number, piece.sending, piece.place)
        await self._files.put(name, piece.data)

    async def check_whole(self, call: Call, import_id: str, piece: Piece) -> None:
        """Refuses a last piece before which others are missing."""
        expected = piece.place + (1 if piece.data or not piece.place else 0)
        if call.is_dry or (not piece.data and not piece.place):
            return
        folder = folder_of(call.caller.business_id, import_id)
        names = await self._files.names(f"{folder}{piece.number}/{piece.sending}/")
        if len(names) != expected:
            raise WrongState(
                f"{expected - len(names)} pieces are missing before the last one, or"
                " the part was sent again meanwhile."
            )

    async def arrive(
        self, transaction: Transaction, call: Call, import_id: str, piece: Piece
    ) -> str:
        """Makes a part that is whole visible. Returns the sending that it replaces."""
        its = call.caller.business_id, import_id
        row = await transaction.row(sql.LOCK, *its)
        if row is None:
            raise NotFound
        refuse_started(row["state"])
        sendings: dict[str, Any] = row["sendings"]
        before = sendings.get(str(piece.number))
        size = piece.place * PIECE_BYTES + len(piece.data)
        sendings[str(piece.number)] = {
            "name": piece.sending,
            "bytes": size,
            "sha256": piece.sha256,
        }
        if sum(each["bytes"] for each in sendings.values()) > MOST_BYTES:
            text = f"All parts together have {MOST_BYTES:,} bytes at most."
            fault = Fault("number", FaultCode.FAULT_CODE_TOO_LARGE, text)
            raise ValidationFailed([fault])
        parts = parts_of(sendings)
        await transaction.run(sql.ARRIVED, *its, parts, sendings, now())
        name = "" if before is None else str(before["name"])
        return "" if name == piece.sending else name

    async def forget(
        self, call: Call, import_id: str, piece: Piece, sending: str
    ) -> None:
        """Deletes the pieces of a sending that another one has replaced."""
        folder = folder_of(call.caller.business_id, import_id)
        await self._files.delete(f"{folder}{piece.number}/{sending}/")

    async def delete(self, business_id: str, import_id: str) -> None:
        """Deletes a content that nobody reads. What arrives meanwhile is swept."""
        with suppress(Unavailable):
            await self._files.delete(folder_of(business_id, import_id))


def parts_of(sendings: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a content as clients see them."""
    return [
        {"number": number, "bytes": each["bytes"], "sha256": each["sha256"]}
        for number, each in sorted((int(n), e) for n, e in sendings.items())
    ]


def check_parts(sendings: dict[str, Any]) -> None:
    """Refuses to start an import whose parts are not all there."""
    numbers = sorted(map(int, sendings))
    if not numbers:
        raise WrongState("The import has no content yet.")
    missing = [n for n in range(1, numbers[-1]) if str(n) not in sendings]
    if missing:
        named = ", ".join(map(str, missing[:10]))
        raise WrongState(f"Parts of the content are missing: {named}.")
