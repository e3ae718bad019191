"""The caller behind a token, and the call that it makes.

Interceptors fill a `Call` before a method runs; methods read it by `current_call`.
Besides the request, nothing else is passed to a method.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from services.postgres.sql_parts import Condition, Parameters


@dataclass(frozen=True, slots=True)
class Caller:
    """Tenant, user and permissions behind a token (contract §4).

    `scope_permissions` and `role_permissions` hold `resource.action`. A permission is
    granted if both hold it. `own_only` names the resources whose records the caller
    sees only if it owns them. `expires_at` is a moment. `makers` are the ids of the
    tokens that the caller's token descends from. `schema_generation` counts the changes
    of the tenant's field definitions; 0 means that it never had one. `has_merges`: the
    tenant has merged records. `sandbox`: the tenant is a sandbox,
    of the live tenant `sandbox_of`, whose clock is `clock_ahead` microseconds ahead of
    the real time. It was reset `resets` times, and is being reset if `is_resetting`.
    """

    business_id: str
    business_name: str
    currency: str
    user_id: str
    role: str
    token_id: str
    token_kind: int
    client_id: str
    scopes: tuple[str, ...]
    scope_permissions: frozenset[str]
    role_permissions: frozenset[str]
    own_only: frozenset[str]
    token_limit: tuple[int, int]
    tenant_limit: tuple[int, int]
    expires_at: int | None
    makers: tuple[str, ...] = ()
    schema_generation: int = 0
    has_merges: bool = False
    sandbox: bool = False
    sandbox_of: str = ""
    clock_ahead: int = 0
    resets: int = 0
    is_resetting: bool = False

    def may(self, permission: str) -> bool:
        """Whether both the scopes and the role grant `resource.action`."""
        return (
            permission in self.scope_permissions and permission in self.role_permissions
        )


# The caller of an open method: it has no tenant and no permission.
NOBODY = Caller(
    business_id="",
    business_name="",
    currency="",
    user_id="",
    role="",
    token_id="",
    token_kind=0,
    client_id="",
    scopes=(),
    scope_permissions=frozenset(),
    role_permissions=frozenset(),
    own_only=frozenset(),
    token_limit=(0, 0),
    tenant_limit=(0, 0),
    expires_at=None,
)


@dataclass(slots=True)
class Call:
    """One call: its caller, its idempotency key and its deadline.

    `deadline` is set for a call with a key; it is on the event loop's clock, None
    without a deadline. `unread` names the fields that the edge could not read. For a
    search, `conditions` are its compiled filters, and `parameters` holds their values;
    `ordered` is the tenant's own field that it orders by (`OwnField`), if it is one.
    `object` is the slug of the custom object that the call is about, "" for records of
    built-in types. `changed_nothing` is set once a change has left its record as it
    was. `schema` are the definitions that the request was checked by (`Schema`).
    `traceparent` is what the call's metadata says of its trace.
    `asked` is what a read asks of its answer (`Asked`), None for whole records alone.
    `deleted`: a search finds deleted records. `together` are the operations of a batch
    that read or write with this one. `is_dry`: nothing that the call writes is kept.
    `asks_own`: a search asks for values of the tenant's own fields.
    `survivors` are the records that stand for merged ones which the request names, by
    the ids of these. `alike` are further ids by which the records that a search finds
    may lead to the same ones. `is_stored`: its answer is part of one that is stored
    with the key of a batch. `affected` counts what a restoration brings back besides.
    `address` is the network address of its client, for the audit; the edge tells it of
    calls that are in it. `plan` are the figures that it asks for (`Plan`). `ahead` is
    what was read for it before it began (`Ahead`). `past` are the moments of a record
    that it creates, which was made elsewhere; only imports tell them.
    """

    caller: Caller
    key: str | None = None
    fingerprint: bytes = b""
    deadline: float | None = None
    unread: str | bytes | None = None
    conditions: list[Condition] = field(default_factory=list)
    parameters: Parameters = field(default_factory=Parameters)
    changed_nothing: bool = False
    ordered: Any = None
    schema: Any = None
    object: str = ""
    traceparent: str | bytes | None = None
    asked: Any = None
    together: Any = None
    is_dry: bool = False
    deleted: bool = False
    asks_own: bool = False
    survivors: dict[str, str] = field(default_factory=dict)
    alike: dict[str, list[str]] | None = None
    is_stored: bool = False
    plan: Any = None
    affected: dict[str, int] = field(default_factory=dict)
    address: str = ""
    ahead: Any = None
    past: Mapping[str, int] = field(default_factory=dict)

    def begin_again(self) -> None:
        """Forgets what the checks of a search left in it: they are done once more."""
        self.conditions, self.parameters = [], Parameters()
        self.ordered = self.schema = self.asked = self.plan = None
        self.deleted = self.asks_own = False
        self.survivors, self.alike = {}, None


CURRENT_CALL: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """The call that the running method answers."""
    return CURRENT_CALL.get()
