"""The types of records that can be exported, and who may export them."""

from collections.abc import Iterable, Sequence

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.gates.permissions import check_permission
from services.kinds.own_fields import Schema
from services.kinds.record_type import Kinds, RecordType
from services.records.log.changes import is_logged

AT = "export"
# An app sees its own alone, and nobody moves them.
_LEFT_OUT = frozenset(("webhook",))
# What other records lead to, though nothing tells of its changes.
_BESIDE = frozenset(("pipeline", "user"))


class Resources:
    """What can be exported; `kinds` are those of all records."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        found = [each for each in kinds.values() if _is_exported(each)]
        self._by_table = {each.table: each for each in found}
        (self._custom,) = (each for each in found if each.object_field)
        del self._by_table[self._custom.table]

    @property
    def names(self) -> list[str]:
        """The types of the API that can be exported."""
        return list(self._by_table)

    def kind_of(self, name: str) -> RecordType:
        """The kind of a type of records: a table, or a custom object."""
        return self._by_table.get(name, self._custom)

    def custom(self, names: Iterable[str]) -> list[str]:
        """Those of some names that only a custom object can have."""
        return [name for name in names if name not in self._by_table]

    def faults(self, names: Sequence[str], at: str, schema: Schema) -> list[Fault]:
        """What is wrong with the names of types; `at` is their field."""
        known = [*self._by_table, *sorted(schema.custom)]
        code, found = FaultCode.FAULT_CODE_INVALID_CHOICE, list[Fault]()
        for index, name in enumerate(names):
            if name not in self._by_table and name not in schema.custom:
                path = f"{AT}.{at}" + (f"[{index}]" if at == "resources" else "")
                message = f"Give one of {', '.join(known[:30])}."
                found.append(Fault(path, code, message))
        return found

    def check(self, caller: Caller, names: Iterable[str]) -> None:
        """Refuses a caller who may not read one of the types: `PermissionDenied`."""
        for name in names:
            policy = self.kind_of(name).policy
            if not policy.any_token:
                resource = policy.permission_resource or policy.resource
                check_permission(caller, f"{resource}.read")

    def check_known(self, names: Sequence[str], schema: Schema) -> None:
        """Raises `ValidationFailed` if a custom object has been archived."""
        if found := self.faults(names, "resources", schema):
            raise ValidationFailed(found)


def _is_exported(kind: RecordType) -> bool:
    if kind.resource in _BESIDE:
        return True
    return is_logged(kind) and kind.resource not in _LEFT_OUT
