"""The filters of a search, checked and compiled to SQL.

Every fault of every condition is found, with its path; what comes out holds only
columns that the record type names and values that are parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter

from services.faults import Faults
from services.kinds.own_fields import BESIDE, NO_FIELDS, OwnFields
from services.kinds.record_type import Field, FieldType, RecordType
from services.postgres.sql_parts import Condition, Parameters, all_of, any_of
from services.search.associated import PREFIX, Associations
from services.search.comparisons import TAKES
from services.search.fields import filtered_field, refusal
from services.search.filter_values import FilterValues, public
from services.search.operators import bounds, condition, is_narrow

MOST_CONDITIONS = 100
MOST_DEPTH = 5

NO_ASSOCIATIONS = "Leave it out: deleted records have no associations."

_GROUPS = ("any", "all", "not")
_OWN = "custom_fields."
_FAULTY = Condition(())


class _TooManyConditionsError(Exception):
    """No condition after these is looked at."""


class FilterCompiler:
    """Compiles the filters of one search over one kind of record."""

    def __init__(
        self,
        record: RecordType,
        faults: Faults,
        parameters: Parameters,
        own: OwnFields = NO_FIELDS,
        associations: Associations | None = None,
        *,
        deleted: bool = False,
    ) -> None:
        """`associations` are those of the records, None if they have none.

        `deleted`: the records are deleted ones. They are looked at row by row.
        """
        self._record = record
        self._associations = associations
        self._faults = faults
        self._parameters = parameters
        self._own, self._deleted = own, deleted
        self._conditions = 0
        self._values = FilterValues(faults)
        self._has_listed = False
        # Whether a condition asks for a value of the tenant's own fields.
        self.asks_own = False

    def lead_on(
        self, survivors: Mapping[str, str], alike: Mapping[str, Sequence[str]]
    ) -> None:
        """Takes the ids of merged records for those of their survivors.

        `alike` are further ids that records may hold instead, by the ids that are
        compared.
        """
        self._values.survivors, self._values.alike = survivors, alike

    def all(self, filters: Sequence[Filter], path: str = "filters") -> list[Condition]:
        """The condition of each filter. All of them must hold."""
        try:
            return [
                self._filter(item, f"{path}[{index}]", 0)
                for index, item in enumerate(filters)
            ]
        except _TooManyConditionsError:
            code = FaultCode.FAULT_CODE_TOO_MANY
            message = f"A search holds at most {MOST_CONDITIONS} conditions."
            self._faults.add(path, code, message)
            return []

    def _filter(self, item: Filter, path: str, depth: int) -> Condition:
        groups = [name for name in ("any", "all") if len(getattr(item, name))] + [
            "not"
        ] * item.HasField("not")
        is_condition = (
            item.HasField("field")
            or item.HasField("operator")
            or item.HasField("value")
            or len(item.values) > 0
        )
        if len(groups) + is_condition > 1:
            message = "Give either a condition or one group, not both."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return _FAULTY
        if groups:
            return self._group(item, groups[0], path, depth + 1)
        if any(f"{path}.{name}" in self._faults.faulty for name in _GROUPS):
            return _FAULTY  # a group that could not be read, not a condition
        return self._condition(item, path)

    def _group(self, item: Filter, name: str, path: str, depth: int) -> Condition:
        if depth > MOST_DEPTH:
            message = f"Groups nest at most {MOST_DEPTH} deep."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return _FAULTY
        if name == "not":
            inner = self._filter(getattr(item, "not"), f"{path}.not", depth)
            return Condition(("(", *inner.sql, ") IS NOT TRUE"))
        parts = [
            self._filter(part, f"{path}.{name}[{index}]", depth)
            for index, part in enumerate(getattr(item, name))
        ]
        holds = any_of if name == "any" else all_of
        is_dear = any(part.dear for part in parts)
        return Condition(holds([part.sql for part in parts]), dear=is_dear)

    def _condition(self, item: Filter, path: str) -> Condition:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise _TooManyConditionsError
        self.asks_own = self.asks_own or _OWN in item.field
        before, associated = len(self._faults.codes), None
        if self._deleted and item.field.startswith(PREFIX):
            code, message = FaultCode.FAULT_CODE_INVALID, NO_ASSOCIATIONS
            self._faults.add(f"{path}.field", code, message)
            return _FAULTY
        if self._associations is not None and item.field.startswith(PREFIX):
            associated = self._associations.named(
                item.field, f"{path}.field", self._faults
            )
            field = None if associated is None else associated.field
        else:
            field = self._field(item, f"{path}.field")
        if field is None:
            if not item.operator:
                code = FaultCode.FAULT_CODE_REQUIRED
                self._faults.add(f"{path}.operator", code, "Give an operator.")
            return _FAULTY
        if item.operator not in TAKES[field.type]:
            self._refuse_operator(item, field.type, f"{path}.operator")
            return _FAULTY
        values = self._values.read(item, field, path)
        if values is None or len(self._faults.codes) > before:
            return _FAULTY
        if associated is not None:
            return associated.condition(item.operator, values, self._parameters)
        sql = condition(field, item.operator, values, self._parameters)
        return Condition(
            sql, is_narrow(field, item.operator), bounds(field, item.operator)
        )

    def _refuse_operator(self, item: Filter, its: FieldType, path: str) -> None:
        """Adds a fault that names the operators of the field; the edge knows all."""
        code, message = FaultCode.FAULT_CODE_INVALID_CHOICE, _takes(item.field, its)
        if not item.operator and path not in self._faults.faulty:
            code = FaultCode.FAULT_CODE_REQUIRED
            message = f"Give an operator: {message}"
        self._faults.explain(path, code, message)

    def _field(self, item: Filter, path: str) -> Field | None:
        if not item.field:
            code = FaultCode.FAULT_CODE_REQUIRED
            message = "Give the field to compare, or a group with conditions in it."
            self._faults.add(path, code, message)
            return None
        field = filtered_field(self._record, item.field, self._own)
        if field is None:
            code = FaultCode.FAULT_CODE_INVALID_CHOICE
            # All names once: a message for each fault must fit into one answer.
            most = 3 if self._has_listed else None
            self._faults.add(path, code, refusal(self._record, item.field, most))
            self._has_listed = True
        elif self._deleted:
            return self._of_deleted(field, path)
        return field

    def _of_deleted(self, field: Field, path: str) -> Field | None:
        """The field as a deleted record has it: by its own columns alone."""
        if BESIDE in field.key:
            message = "A job is changing the type. Search again when it has ended."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return None
        return replace(field, holder="") if field.type is FieldType.EXTERNAL else field


def _takes(name: str, its: FieldType) -> str:
    operators = ", ".join(public(operator) for operator in TAKES[its])
    return f"{name[:100]} takes {operators}."
