"""A person whose values are planted, with the words of theirs that nobody else has."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from tests.client import Client


@dataclass(slots=True)
class Person:
    """A contact of a tenant, and the words that were planted with it.

    `path` is that of the contact, `survivors` those into which it was merged once: this
    was undone. `others` are records that live on. `keys` are the
    requests with an idempotency key whose answers hold words.
    """

    client: Client
    words: list[str] = field(default_factory=list)
    path: str = ""
    survivors: tuple[str, ...] = ()
    company: str = ""
    deal: str = ""
    alone: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    keys: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]

    def word(self) -> str:
        """Another word, which no search folds or shortens."""
        self.words.append(f"q{secrets.token_hex(6)}z")
        return self.words[-1]

    def phone(self) -> str:
        """Digits alone: as they are given, and as searches compare them."""
        self.words.append(f"9{secrets.randbelow(10**14):014}")
        return self.words[-1]

    def post(self, path: str, body: Any) -> Any:
        """Posts with an idempotency key, which keeps the answer."""
        key = secrets.token_hex(8)
        answer = self.client.post(path, body, idempotency_key=key)
        assert answer.status in (200, 201), answer.body
        self.keys.append((key, path, body))
        return answer.json

    def forget_keys(self, *paths: str) -> None:
        """Leaves answers out that no erasure destroys."""
        self.keys = [each for each in self.keys if each[1] not in paths]
