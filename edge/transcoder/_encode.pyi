"""What `encode.c` offers; it says there what it is."""

from collections.abc import Callable
from typing import Any

class Encoder:
    def __init__(
        self,
        fields: tuple[tuple[Any, ...], ...],
        spell: Callable[[Any], bytes],
        told: int,
        /,
    ) -> None: ...
    def __call__(self, message: bytes, /) -> bytes: ...
    def each(
        self,
        data: bytes,
        members: list[tuple[bytes, dict[str, bytes], bytes]],
        tail: bytes,
        /,
    ) -> list[bytes]: ...
