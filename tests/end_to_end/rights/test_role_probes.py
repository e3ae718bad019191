"""A refusal by role or scope tells nothing either: whoever may not ask learns no id.

Each operation is asked by all who may not: users of roles that lack its permission, and
tokens without its scope. No operation is named here, nor is a role.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import pytest

from edge.transcoder.routes import Route
from services.roles import (
    DEFAULT_ROLES,
    RESOURCES,
    actions_of,
    role_permissions,
    scope_permissions,
)
from tests.client import Answer, Client
from tests.end_to_end.rights.asking_worlds import open_client
from tests.end_to_end.rights.probes import ROUTES, path_of, resource_of
from tests.end_to_end.rights.questions import (
    PREFIXES,
    comparable,
)
from tests.promises.record_values import UNKNOWN_DIGITS, Maker
from tests.stacks import Stack
from tests.world import ALL_SCOPES, Tenant, new_tenant

ASKED = [route for route in ROUTES if route.permission]
SCOPES = (*ALL_SCOPES, "token.all")


def roles_without(route: Route) -> list[str]:
    """The roles that may not call an operation."""
    return [
        role
        for role, grants in DEFAULT_ROLES.items()
        if route.permission not in role_permissions(role, grants)
        and route.permission in scope_permissions(ALL_SCOPES)
    ]


@dataclass(slots=True)
class Scene:
    """Two tenants with a record of each kind, and clients of those who may not ask."""

    tenant: Tenant
    open_client: Callable[[str], Client]
    ids: dict[str, list[str]]
    of_roles: dict[str, Client] = field(default_factory=dict)

    def of_role(self, role: str) -> Client:
        """The client of a role, opened when it is first asked for."""
        if role not in self.of_roles:
            self.of_roles[role] = self.open_client(self.tenant.tokens[role])
        return self.of_roles[role]

    def refused(self, route: Route) -> Iterator[tuple[str, Client]]:
        """Everybody who may not call an operation, by why."""
        for role in roles_without(route):
            yield f"role {role}", self.of_role(role)
        resource, _, action = str(route.permission).partition(".")
        others = [f"{each}.all" for each in RESOURCES if each != resource]
        rest = [f"{resource}.{each}" for each in actions_of(resource)]
        rest.remove(f"{resource}.{action}")
        yield "scope", self.open_client(self.tenant.token([*others, *rest]))


@pytest.fixture(scope="module")
def scene(running_stacks: Callable[[str], Stack]) -> Iterator[Scene]:
    stack = running_stacks("split")
    tenant, other = new_tenant(stack), new_tenant(stack)
    with ExitStack() as opened:
        client = partial(open_client, opened, stack)
        ids: dict[str, list[str]] = {}
        for each in (tenant, other):
            token = each.token(SCOPES)
            maker = Maker(client(token), each.users)
            for kind in PREFIXES:
                ids.setdefault(kind, []).append(maker.reference(kind, 0))
            made = maker.client.create("/tokens", {"scopes": ["deal.read"]})
            ids.setdefault("token", []).append(made["id"])
        yield Scene(tenant, client, ids)


def ids_for(scene: Scene, route: Route) -> list[str]:
    """Ids that might belong into a path: ours, another tenant's, and nobody's."""
    if "id" not in route.path_parameters:
        return [""]
    resource = resource_of(route)
    kind = resource.name if resource else "token"
    ours, theirs = scene.ids[kind]
    return [ours, theirs, ours.partition("_")[0] + "_" + UNKNOWN_DIGITS]


def ask(client: Client, route: Route, record_id: str) -> Answer:
    return client.send(route.http_method, path_of(route, record_id), {})


@pytest.mark.parametrize("route", ASKED, ids=lambda r: f"{r.http_method} {r.path}")
def test_who_may_not_ask_learns_nothing(route: Route, scene: Scene) -> None:
    for why, client in scene.refused(route):
        ids = ids_for(scene, route)
        answers = [comparable(ask(client, route, each), each or "-") for each in ids]
        assert answers[0][0] == 403, (why, answers[0])
        assert all(answer == answers[0] for answer in answers), why


def test_what_was_asked_in_vain_has_changed_nothing(scene: Scene) -> None:
    owner = scene.open_client(scene.tenant.tokens["owner"])
    for route in ASKED:
        for _, client in () if route.only_reads else scene.refused(route):
            for each in ids_for(scene, route):
                ask(client, route, each)
    for kind, (ours, _) in scene.ids.items():
        for route in ROUTES:
            if _reads(route, kind):
                assert owner.get(path_of(route, ours)).status == 200


def _reads(route: Route, kind: str) -> bool:
    resource = resource_of(route)
    is_read = route.http_method == "GET" and route.path.endswith("/{id}")
    return is_read and resource is not None and resource.name == kind
