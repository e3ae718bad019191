"""What `rows.c` offers; it says there what it is."""

from collections.abc import Callable
from typing import Any

class Packer:
    def __init__(
        self,
        fields: tuple[tuple[int, str, Callable[[Any], str]], ...],
        etag: int,
        told: bytes,
        sent: bool,
    ) -> None: ...
    def row(self, row: Any, business_id: str, /) -> bytes: ...
    def rows(self, rows: list[Any], business_id: str, /) -> bytes: ...
