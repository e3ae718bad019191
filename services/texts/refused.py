"""Why a text is refused: what is wrong with it, and in which line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with a text. `line` counts from 1; None where it is no line."""

    message: str
    line: int | None = None

    def __str__(self) -> str:
        if self.line is None:
            return self.message
        return f"Line {self.line}: {self.message}"


class Refused(Exception):
    """A text cannot be used."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.refusal = Refusal(message, line)


def line_at(text: str, place: int) -> int:
    """The line of a place in a text, from 1."""
    return text.count("\n", 0, place) + 1
