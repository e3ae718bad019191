"""Names of reports, and descriptions of webhooks, in rows and histories.

One that holds an e-mail address or the telephone number of an erased person goes as a
whole. What a record must have becomes `[erased]`. Names of people alone are no reason:
others may have them, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.erasure.person import Person, compared
from services.records.erasing.texts import ERASED


@dataclass(frozen=True, slots=True)
class Label:
    """A field of a table whose text people see: its name, and what replaces it."""

    field: str
    replacement: str | None

    def left(self, text: str | None, persons: Sequence[Person]) -> str | None:
        """What is left of a text."""
        if not text:
            return text
        told = compared(text)
        is_held = any(each.has_address(told) for each in persons)
        return self.replacement if is_held else text

    def left_of(self, state: Any, persons: Sequence[Person]) -> Any:
        """What is left of a state that the history tells; None of none."""
        text = state.get(self.field) if isinstance(state, dict) else None
        if not isinstance(text, str):
            return state
        return {**state, self.field: self.left(text, persons)}


NAME = Label("name", ERASED)
DESCRIPTION = Label("description", None)
