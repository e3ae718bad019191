"""A small model of a tenant: what stands, and all that stood before.

It knows what a deletion clears, and nothing of versions, images or transactions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

State = dict[str, Any]

# The fields that the model follows, with what an unset one is.
FIELDS: Mapping[str, State] = {
    "companies": {"name": None, "industry": None, "tags": []},
    "contacts": {
        "first_name": None,
        "last_name": None,
        "name": None,
        "email": None,
        "company_id": None,
        "tags": [],
        "custom_fields": {},
    },
    "notes": {"body": None, "contact_id": None, "company_id": None},
    "associations": {"type": None, "from_id": None, "to_id": None, "role": None},
}
LINKS = {"companies": "company_id", "contacts": "contact_id"}
# The fields that hold keys, of which each is told by itself.
KEYED = "custom_fields"


@dataclass(slots=True)
class Life:
    """One record: its states, each with the time since when it stood."""

    path: str
    states: list[tuple[str, State | None]] = field(default_factory=list)
    cleared_at_the_end: str = ""

    @property
    def now(self) -> State | None:
        """What stands, None if it is deleted."""
        return self.states[-1][1]

    def changes(self) -> Iterator[tuple[str, Any, Any, str]]:
        """Field, from, to and operation of all changes, the newest first."""
        before: list[State | None] = [None, *(state for _, state in self.states)]
        for index, (old, new) in reversed(list(enumerate(pairwise(before)))):
            if new is None:
                yield from _ended(self.path, old or {}, self.cleared_at_the_end)
            else:
                word = "updated" if index else "created"
                yield from _differences(self.path, old, new, word)


def _ended(path: str, old: State, cleared: str) -> Iterator[tuple[str, Any, Any, str]]:
    if cleared:
        yield cleared, old[cleared], None, "deleted"


def _differences(
    path: str, old: State | None, new: State, word: str
) -> Iterator[tuple[str, Any, Any, str]]:
    for name, unset in FIELDS[path].items():
        was, now = unset if old is None else old[name], new[name]
        if name == KEYED:
            for key in sorted({**was, **now}):
                if was.get(key) != now.get(key):
                    yield f"{name}.{key}", was.get(key), now.get(key), word
        elif was != now:
            yield name, None if old is None else was, now, word


@dataclass(slots=True)
class Model:
    """All records of a tenant, living and deleted ones."""

    lives: dict[str, Life] = field(default_factory=dict)

    def living(self, *paths: str) -> list[str]:
        """The ids of the records that stand."""
        return [
            each
            for each, life in self.lives.items()
            if life.path in paths and life.now is not None
        ]

    def create(self, path: str, record_id: str, at: str, given: State) -> None:
        self.lives[record_id] = Life(path, [(at, _derived(path, FIELDS[path] | given))])

    def update(self, record_id: str, at: str, given: State) -> None:
        life = self.lives[record_id]
        state = dict(life.now or {})
        for name, value in given.items():
            state[name] = _merged(state[name], value) if name == KEYED else value
        state = _derived(life.path, state)
        if state != life.now:
            life.states.append((at, state))

    def delete(self, record_id: str, at: str) -> list[str]:
        """Returns the records that the deletion changes besides."""
        life = self.lives[record_id]
        life.states.append((at, None))
        link, touched = LINKS.get(life.path, ""), []
        for each, other in self.lives.items():
            state = other.now
            if state is None:
                continue
            if other.path == "associations":
                if record_id in (state["from_id"], state["to_id"]):
                    other.states.append((at, None))
            elif state.get(link) == record_id:
                cleared = state | {link: None}
                links = [name for name in LINKS.values() if name in cleared]
                if other.path == "notes" and not any(cleared[n] for n in links):
                    other.cleared_at_the_end = link
                    other.states.append((at, None))
                else:
                    other.states.append((at, cleared))
                touched.append(each)
        return touched


def _merged(old: State, given: State) -> State:
    return {key: value for key, value in {**old, **given}.items() if value is not None}


def _derived(path: str, state: State) -> State:
    if path != "contacts":
        return state
    words = [state["first_name"], state["last_name"]]
    name = " ".join(filter(None, words)) or state["email"]
    return state | {"name": name}
