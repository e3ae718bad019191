"""How a change of each type is made. A recipe returns the id of the record changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pcrm.exits import wrong_use
from pcrm.triggers import made_up
from pcrm.triggers.acting import Actor


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of record: how one is made, changed and given to somebody.

    Attributes:
        resource: The commands of it.
        made: The values of a new one, and the making of what it needs beside it.
        changes: The values of an update.
        owner: The field of the user whose record it is.
        is_own: Whether it is of an own object, which paths name first.
    """

    resource: str
    made: Callable[[Actor], Mapping[str, Any]]
    changes: Mapping[str, Any]
    owner: str = ""
    is_own: bool = False

    def do(self, actor: Actor, command: str, /, *path: str, **body: Any) -> Any:
        """Makes a call of this kind."""
        lead = (actor.slug,) if self.is_own else ()
        return actor.do(self.resource, command, *lead, *path, **body)


Recipe = Callable[[Kind, Actor], str]


def create(kind: Kind, actor: Actor, **more: Any) -> Any:
    """A new record, as the user wants it."""
    return kind.do(actor, "create", **{**kind.made(actor), **more, **actor.given})


def created(kind: Kind, actor: Actor) -> str:
    """A new record."""
    return str(create(kind, actor)["id"])


def then(*names: str) -> Recipe:
    """A new record, and then operations on it that take no values."""

    def recipe(kind: Kind, actor: Actor) -> str:
        made = created(kind, actor)
        for name in names:
            kind.do(actor, name, made)
        return made

    return recipe


def then_its(resource: str, field: str, *names: str) -> Recipe:
    """A new record, and then operations on the other record that a field leads to."""

    def recipe(kind: Kind, actor: Actor) -> str:
        made = create(kind, actor)
        for name in names:
            actor.do(resource, name, made[field])
        return str(made["id"])

    return recipe


def updated(kind: Kind, actor: Actor) -> str:
    """A new record, and a change of it."""
    made = created(kind, actor)
    kind.do(actor, "update", made, **kind.changes)
    return made


def owner_changed(kind: Kind, actor: Actor) -> str:
    """Another user gets the record, or nobody where there is one user alone."""
    made = create(kind, actor)
    users = (each["id"] for each in actor.all_of("users") if each["active"])
    other = next((each for each in users if each != made[kind.owner]), None)
    kind.do(actor, "update", made["id"], **{kind.owner: other})
    return str(made["id"])


def _merge(kind: Kind, actor: Actor) -> tuple[str, str, str]:
    """The survivor, the record that was merged into it, and the merge."""
    survivor = created(kind, actor)
    away = str(kind.do(actor, "create", **kind.made(actor))["id"])
    merged = kind.do(actor, "merge", survivor, ids=[away])
    return survivor, away, str(merged["merge_id"])


def merged(kind: Kind, actor: Actor) -> str:
    """Two new records become one. The feed tells it of the one that goes."""
    _, away, _ = _merge(kind, actor)
    return away


def unmerged(kind: Kind, actor: Actor) -> str:
    """A merge is undone."""
    survivor, away, merge = _merge(kind, actor)
    kind.do(actor, "unmerge", survivor, merge_id=merge)
    return away


def erased(kind: Kind, actor: Actor) -> str:
    """A new contact is erased."""
    made = created(kind, actor)
    kind.do(actor, "erase", made, reason="A made-up contact")
    return made


def rescheduled(kind: Kind, actor: Actor) -> str:
    """A new booking moves to another time."""
    made = created(kind, actor)
    kind.do(actor, "reschedule", made, starts_at=made_up.booking()["starts_at"])
    return made


def moved(*types: str) -> Recipe:
    """A new deal, moved to stages of these types, one after another."""

    def recipe(kind: Kind, actor: Actor) -> str:
        deal = create(kind, actor)
        at = deal["stage_id"]
        (stages,) = (
            each["stages"]
            for each in actor.all_of("pipelines")
            if each["id"] == deal["pipeline_id"]
        )
        for wanted in types:
            fit = (e["id"] for e in stages if e["type"] == wanted and e["id"] != at)
            at = next(fit, None)
            if at is None:
                raise wrong_use(f"The deal's pipeline has no other {wanted} stage.")
            kind.do(actor, "move", deal["id"], stage_id=at)
        return str(deal["id"])

    return recipe


def disabled(kind: Kind, actor: Actor) -> str:
    """A webhook that is on, for what never happens here, and then off."""
    made = create(kind, actor, active=True, types=["webhook.restored"])["id"]
    kind.do(actor, "update", made, active=False)
    return str(made)


def exported(kind: Kind, actor: Actor) -> str:
    """An export: its job begins and succeeds."""
    return str(create(kind, actor)["job_id"])
