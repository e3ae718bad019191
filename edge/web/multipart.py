"""Forms with a file (RFC 7578), read piece by piece: the fields first, then one file.

Nothing of the file is kept here: `feed` returns its bytes as they come.
"""

import re

from edge.problems import ProblemError

# What browsers send besides the file is small.
_MOST_HEAD, _MOST_FIELDS, _MOST_VALUES = 4 * 1024, 20, 16 * 1024

_TYPE = re.compile(
    r'multipart/form-data\s*;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;",]{1,70}))\s*',
    re.I | re.A,
)
_DISPOSITION = re.compile(
    rb"content-disposition:[ \t]*form-data((?:[ \t]*;[^\r\n]*)?)", re.I
)
_NAME = re.compile(rb'[; \t]name="([^"]*)"')
_FILE_NAME = re.compile(rb'[; \t]filename="([^"]*)"')


class Multipart:
    """One form. `file_name` is None until its file begins, and "" if none was chosen.

    Every method raises `ProblemError` for what is no such form.
    """

    def __init__(self, content_type: str) -> None:
        found = _TYPE.fullmatch(content_type)
        if found is None:
            raise _wrong("The form must be sent as multipart/form-data.")
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.has_ended = False
        boundary = (found[1] or found[2]).encode("latin-1")
        self._line = b"\r\n--" + boundary
        # The first line of a form has no line end before it.
        self._rest = bytearray(b"\r\n")
        self._field: tuple[str, bytearray] | None = None
        self._is_head = False
        self._values = 0

    def feed(self, data: bytes) -> bytes:
        """Takes the next bytes. Returns those of the file among them."""
        self._rest += data
        found = bytearray()
        while self._step(found):
            pass
        return bytes(found)

    def check_end(self) -> None:
        """Refuses a form that is cut off, or has no file."""
        if not self.has_ended:
            raise _wrong("The form is cut off.")
        if self.file_name is None:
            raise _wrong("The form has no file.")

    def _step(self, found: bytearray) -> bool:
        """Reads on. False until more bytes have come."""
        if self.has_ended:
            self._rest.clear()  # what follows the end means nothing
            return False
        return self._read_head() if self._is_head else self._read_body(found)

    def _read_body(self, found: bytearray) -> bool:
        """Reads up to the line that ends a part, as far as that is there."""
        place = self._rest.find(self._line)
        is_whole = place >= 0
        if not is_whole:  # the line may have begun at the end
            place = max(0, len(self._rest) - len(self._line) + 1)
        self._keep(bytes(self._rest[:place]), found)
        del self._rest[:place]
        if is_whole:
            del self._rest[: len(self._line)]
            self._end_field()
            self._is_head = True
        return is_whole

    def _keep(self, data: bytes, found: bytearray) -> None:
        if self._field is not None:
            self._field[1].extend(data)
            self._values += len(data)
            if self._values > _MOST_VALUES:
                raise _wrong("The fields of the form are too long.")
        elif self.file_name is not None:
            found += data

    def _end_field(self) -> None:
        if self._field is None:
            return
        name, value = self._field
        if name in self.fields or len(self.fields) >= _MOST_FIELDS:
            raise _wrong("A field is given twice, or there are too many.")
        self.fields[name] = _text(bytes(value))
        self._field = None

    def _read_head(self) -> bool:
        """Reads what stands between that line and the body of the next part."""
        if self._rest[:2] == b"--":
            self.has_ended = True
            return True
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            if len(self._rest) > _MOST_HEAD:
                raise _wrong("The head of a part is too long.")
            return False
        if end > _MOST_HEAD or self._rest[:2] != b"\r\n":
            raise _wrong("The head of a part cannot be read.")
        self._begin(bytes(self._rest[:end]))
        del self._rest[: end + 4]
        self._is_head = False
        return True

    def _begin(self, head: bytes) -> None:
        said = next(
            filter(None, map(_DISPOSITION.fullmatch, head.split(b"\r\n"))), None
        )
        name = None if said is None else _NAME.search(said[1])
        if said is None or name is None:
            raise _wrong("A part has no name.")
        if self.file_name is not None:
            raise _wrong("The file must be one, and the last part.")
        file_name = _FILE_NAME.search(said[1])
        if file_name is not None:
            self.file_name = _text(file_name[1])
        else:
            self._field = _text(name[1]), bytearray()


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _wrong("The form is not UTF-8.") from None


def _wrong(detail: str) -> ProblemError:
    return ProblemError("BAD_REQUEST", detail)
