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
    """One record: its states, each with the time since when it stood.

    `ends` are the places of its deletions among the states, each with the link that the
    deletion cleared, if any, and with what the record kept.
    """

    path: str
    states: list[tuple[str, State | None]] = field(default_factory=list)
    ends: dict[int, tuple[str, State]] = field(default_factory=dict)

    @property
    def now(self) -> State | None:
        """What stands, None if it is deleted."""
        return self.states[-1][1]

    @property
    def last(self) -> State:
        """What stands, or what a deleted record kept."""
        now = self.now
        return self.ends[len(self.states) - 1][1] if now is None else now

    def end(self, at: str, cleared: str = "") -> None:
        """Deletes the record, with the last of its links if that is cleared."""
        kept = dict(self.now or {}) | ({cleared: None} if cleared else {})
        self.ends[len(self.states)] = cleared, kept
        self.states.append((at, None))

    def changes(self) -> Iterator[tuple[str, Any, Any, str]]:
        """Field, from, to and operation of all changes, the newest first."""
        before: list[State | None] = [None, *(state for _, state in self.states)]
        for index, (old, new) in reversed(list(enumerate(pairwise(before)))):
            if new is None:
                cleared, _ = self.ends[index]
                if cleared:
                    yield cleared, (old or {})[cleared], None, "deleted"
            elif index and old is None:
                kept = self.ends[index - 1][1]
                yield from _differences(self.path, kept, new, "restored")
            else:
                word = "updated" if index else "created"
                yield from _differences(self.path, old, new, word)


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
    # What the last deletion of a record did: to which record, the link that it cleared
    # if it was one, and where that record ended with it, if it did.
    done: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)

    def living(self, *paths: str) -> list[str]:
        """The ids of the records that stand."""
        return [
            each
            for each, life in self.lives.items()
            if life.path in paths and life.now is not None
        ]

    def dead(self, *paths: str) -> list[str]:
        """The ids of the records that are deleted."""
        living = self.living(*paths)
        return [e for e, f in self.lives.items() if f.path in paths and e not in living]

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

    def delete(self, record_id: str, at: str) -> None:
        """Deletes a record, with what that does to others."""
        life = self.lives[record_id]
        life.end(at)
        link = LINKS.get(life.path, "")
        done = self.done[record_id] = []
        for each, other in self.lives.items():
            state = other.now
            if state is None:
                continue
            if other.path == "associations":
                if record_id in (state["from_id"], state["to_id"]):
                    done.append((each, "", len(other.states)))
                    other.end(at)
            elif state.get(link) == record_id:
                cleared = state | {link: None}
                if other.path == "notes" and not _links(cleared):
                    done.append((each, link, len(other.states)))
                    other.end(at, link)
                else:
                    done.append((each, link, -1))
                    other.states.append((at, cleared))

    def may_restore(self, record_id: str) -> bool:
        """Whether what a deleted record needs is there, and its place is free."""
        path, state = self.lives[record_id].path, self._revived(record_id)
        if path == "associations":
            return bool(_links(state)) and not self._is_taken(state)
        return path != "notes" or bool(_links(state))

    def restore(self, record_id: str, at: str) -> None:
        """Restores a record, with what its deletion did to others."""
        self.lives[record_id].states.append((at, self._revived(record_id)))
        for each, link, end in self.done.pop(record_id, ()):
            other = self.lives[each]
            state = other.last | ({link: record_id} if link else {})
            if other.now is None:
                is_free = link or self.may_restore(each)
                if end == len(other.states) - 1 and is_free:
                    other.states.append((at, state))
            elif link and other.now[link] is None:
                other.states.append((at, state))

    def _revived(self, record_id: str) -> State:
        """What a deleted record kept, without links to records that do not live."""
        living = self.living(*LINKS)
        kept = self.lives[record_id].last
        lost = [e for e in _ENDS if kept.get(e) and kept[e] not in living]
        return kept | dict.fromkeys(lost)

    def _is_taken(self, state: State) -> bool:
        others = (self.lives[each].now or {} for each in self.living("associations"))
        return any(all(o[e] == state[e] for e in ("from_id", "to_id")) for o in others)


_ENDS = ("company_id", "contact_id", "from_id", "to_id")


def _links(state: State) -> list[str]:
    """The records that a state leads to; of an association both, or none."""
    found = [state[each] for each in _ENDS if state.get(each)]
    return found if "from_id" not in state or len(found) == 2 else []


def _merged(old: State, given: State) -> State:
    return {key: value for key, value in {**old, **given}.items() if value is not None}


def _derived(path: str, state: State) -> State:
    if path != "contacts":
        return state
    words = [state["first_name"], state["last_name"]]
    name = " ".join(filter(None, words)) or state["email"]
    return state | {"name": name}
