"""Which changes a caller reads: those of types whose records it may all read.

A change tells of a record, so that it takes the right to read that; and of all records
of its type, because nobody looks at each of them again. Some types are told to the
makers of their records: these are looked at one by one.
"""

from collections.abc import Sequence
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.changes.meanings import told_kinds, types_of
from services.errors import PermissionDenied, RoleDenied, ScopeDenied, ValidationFailed
from services.faults import Fault
from services.kinds.objects import object_kinds
from services.kinds.own_fields import Schema
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Row
from services.records.log.job_changes import CLIENT

# Of these an app sees its own alone, so that it cannot read all of them.
_OF_APPS = frozenset(("webhook",))


class Readers:
    """Judges what callers ask for; `kinds` are those of all records."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = told_kinds(kinds)
        self._ends = sorted({_resource(each) for each in object_kinds(kinds)})
        self.by_table = {each.table: each for each in self._kinds}
        (self.custom,) = (each for each in self._kinds if each.object_field)
        self.of_type = {name: kind for kind in self._kinds for name in types_of(kind)}

    def kind_of(self, name: str) -> RecordType:
        """The kind of a type of record: a table, or a custom object."""
        return self.by_table.get(name, self.custom)

    def objects(
        self, caller: Caller, schema: Schema, asked: Sequence[str], types: Sequence[str]
    ) -> list[str]:
        """The types of records that a request is about.

        Raises `ValidationFailed` for unknown ones, and `PermissionDenied` for one that
        it names and the caller may not read.
        """
        known = [name for name in self.by_table if name != self.custom.table]
        known += sorted(schema.custom)
        self._check_names(asked, known, types)
        if not asked and types:
            tables = {self.of_type[each].table for each in types}
            asked = [name for name in known if self.kind_of(name).table in tables]
        if asked:
            for name in asked:
                denied = self._denied(caller, self.kind_of(name))
                if denied is not None:
                    raise denied
            return list(dict.fromkeys(asked))
        refusals = {name: self._denied(caller, self.kind_of(name)) for name in known}
        granted = [name for name, denied in refusals.items() if denied is None]
        if all(self.kind_of(name).policy.told_to_maker for name in granted):
            raise next(iter(filter(None, refusals.values())))
        return granted

    def _check_names(
        self, asked: Sequence[str], known: Sequence[str], types: Sequence[str]
    ) -> None:
        code, faults = FaultCode.FAULT_CODE_INVALID_CHOICE, list[Fault]()
        for index, name in enumerate(asked):
            if name not in known:
                message = f"Give some of {', '.join(known[:20])}."
                faults.append(Fault(f"resources[{index}]", code, message))
        for index, name in enumerate(types):
            if name not in self.of_type:
                faults.append(Fault(f"types[{index}]", code, self.advise(name)))
        if faults:
            raise ValidationFailed(faults)

    def advise(self, name: str) -> str:
        """What to give instead of a type that there is not."""
        record = name.partition(".")[0]
        near = [each for each in self.of_type if each.startswith(record)]
        return f"Give types such as {', '.join(near or ['contact.updated'])}."

    def may_read(self, caller: Caller, name: str) -> bool:
        """Whether a caller reads all records of a type."""
        return self._denied(caller, self.kind_of(name)) is None

    def is_of_all(self, row: Row) -> bool:
        """Whether a change is told to all who may read its type."""
        return not self.kind_of(row["object"]).policy.told_to_maker

    def is_open_to(self, caller: Caller, row: Row) -> bool:
        """Whether a caller is told of this change of a type that it may read."""
        if self.is_of_all(row):
            return True
        kind = self.kind_of(row["object"])
        record = row["image"]
        if caller.client_id and record.get(CLIENT) != caller.client_id:
            return False
        maker = record.get(kind.policy.owner_field)
        return kind.resource not in caller.own_only or maker in (None, caller.user_id)

    def _denied(self, caller: Caller, kind: RecordType) -> PermissionDenied | None:
        """Why a caller is not told of records of a kind."""
        if kind.policy.told_to_maker:
            return None
        if caller.client_id and kind.resource in _OF_APPS:
            message = f"An app reads no other {kind.policy.plural} than its own."
            return ScopeDenied(message, f"{kind.resource}.read")
        for resource in self._ends if kind.ends else _resources(kind):
            permission = f"{resource}.read"
            if permission not in caller.scope_permissions:
                message = f"The token's scopes do not grant {permission}."
                return ScopeDenied(message, permission)
            if permission not in caller.role_permissions:
                message = f"The user's role does not grant {permission}."
                return RoleDenied(message, permission)
            if resource in caller.own_only:
                message = f"The user's role grants {permission} of own records only."
                return RoleDenied(message, permission)
        return None


def _resource(kind: RecordType) -> str:
    return kind.policy.permission_resource or kind.resource


def _resources(kind: RecordType) -> list[str]:
    """What a caller reads all of who sees all records of a kind."""
    if not kind.policy.seen_by_links:
        return [_resource(kind)]
    return [_resource(kind), *(each.policy.references for each in kind.link_fields)]


def check_given(request: Any) -> None:
    """Refuses an empty list of names: a program that found none does not mean all."""
    code, message = FaultCode.FAULT_CODE_REQUIRED, "Give one, or leave the list out."
    given = {"resources": request.of_resources, "types": request.of_types}
    faults = [
        Fault(name, code, message)
        for name, is_given in given.items()
        if is_given and not getattr(request, name)
    ]
    if faults:
        raise ValidationFailed(faults)
