"""What `cells.c` offers; it says there what it is."""

from collections.abc import Callable, Sequence
from typing import Any

class Cutter:
    def __init__(
        self,
        fields: Sequence[tuple[bytes, int, Sequence[tuple[bytes, int]]]],
        forms: bytes,
        compose: Callable[[bytes], str],
    ) -> None: ...
    def rows(self, lines: list[bytes], /) -> bytes: ...
    def columns(self, lines: list[bytes], /) -> list[list[Any]]: ...
