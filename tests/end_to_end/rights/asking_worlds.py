"""Two tenants with the same records, and people who may see only their own."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

from tests.client import Client
from tests.end_to_end.scene import grant
from tests.harness.people.a_job import put_job
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.stacks import Stack
from tests.world import administer, new_tenant

_ALL = ["read", "write", "delete"]
OWN = {
    "*": {"actions": _ALL, "visibility": "own"},
    "contact": {"actions": [*_ALL, "erase"], "visibility": "own"},
    "schema": {"actions": _ALL, "visibility": "all"},
    "topic": {"actions": _ALL, "visibility": "all"},
    "sender": {"actions": _ALL, "visibility": "all"},
    "webhook": {"actions": _ALL, "visibility": "all"},
    "sandbox": {"actions": _ALL, "visibility": "all"},
    "audit": {"actions": ["read"], "visibility": "all"},
}
KINDS = (*RESOURCES, "stage")


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, with ids that are not theirs by where they are from."""

    maker: Maker
    token: str
    foreign: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class World:
    """Those who ask on one stack, and those whose records they may not see."""

    stack: Stack
    askers: tuple[Asker, ...]
    watched: Mapping[str, Client]  # the records that nobody may change, by path
    job: str  # has ended, and each who asks may see it


def open_client(opened: ExitStack, stack: Stack, token: str) -> Client:
    """A client of a stack, which is closed with `opened`."""
    return opened.enter_context(closing(Client(stack.http, token)))


DELETED, GONE = "a deleted one's", "another tenant's deleted one's"


def made(maker: Maker) -> dict[str, str]:
    """An id of every kind."""
    return {kind: maker.reference(kind, 0) for kind in KINDS}


def deleted(maker: Maker) -> dict[str, str]:
    """An id of every kind that can be deleted; its record is gone."""
    gone = {}
    for kind, resource in RESOURCES.items():
        if "Delete" in resource.verbs and not resource.policy.archives:
            gone[kind] = maker.create(resource)["id"]
            path = f"{resource.path}/{gone[kind]}"
            assert maker.client.delete(path).status == 204
    return gone


def new_world(stack: Stack, client: Callable[[str], Client]) -> World:
    """Two tenants, and in one of them a user who sees only what is their own."""
    tenant, other = new_tenant(stack), new_tenant(stack)
    owner, stranger = (
        Maker(client(each.tokens["owner"]), each.users) for each in (tenant, other)
    )
    user_id, token = grant(tenant, OWN)
    soloist = Maker(client(token), tenant.users)
    theirs, ours = made(stranger), made(owner)
    job = administer(
        stack.database_url,
        lambda database: put_job(database, tenant.business_id, user_id),
    )
    hidden = {
        kind: each
        for kind, each in ours.items()
        if kind in RESOURCES and RESOURCES[kind].policy.owner_field
    }
    watched = {
        f"{RESOURCES[kind].path}/{each}": maker.client
        for maker, ids in ((stranger, theirs), (owner, hidden))
        for kind, each in ids.items()
        if kind in RESOURCES and "Get" in RESOURCES[kind].verbs
    }
    gone = {DELETED: deleted(owner), GONE: deleted(stranger)}
    foreign = {"another tenant's": theirs, **gone}
    return World(
        stack,
        (
            Asker(owner, tenant.tokens["owner"], foreign),
            Asker(soloist, token, {"another user's": hidden, **foreign}),
        ),
        watched,
        job,
    )
