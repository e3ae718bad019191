"""The checks of requests that find records: filters, orders and figures, compiled."""

from typing import Any

from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_AGGREGATE
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.aggregates.asked import read
from services.aggregates.asking import Asking
from services.caller import Call, current_call
from services.faults import Faults
from services.kinds.methods import Method
from services.kinds.own_fields import NO_SCHEMA, OwnFields
from services.kinds.record_type import Kinds, RecordType
from services.records.restoring.deletion import DELETED_AT, deletion_fields
from services.search.associated import Associations
from services.search.filters import FilterCompiler
from services.search.own_orders import ordered_field, ordered_names


def check_figures(
    method: Method,
    kind: RecordType,
    kinds: Kinds,
    request: Any,
    own: OwnFields,
    faults: Faults,
) -> None:
    """Checks which records figures are made of, and which figures."""
    call = current_call()
    associations = _compile_filters(kind, kinds, request, call, own, faults)
    if method.standard == STANDARD_METHOD_AGGREGATE:
        asking = Asking(kind, own, associations, faults, call.parameters)
        call.plan = read(request, asking)
        call.asks_own = _has_schema(call)


def _compile_filters(
    kind: RecordType,
    kinds: Kinds,
    request: Any,
    call: Call,
    own: OwnFields,
    faults: Faults,
) -> Associations | None:
    """Keeps the compiled filters in the call. Returns the associations of the records.

    These count the conditions on them.
    """
    associations = None
    if call.schema is not None:
        slug = call.object or kind.table
        associations = Associations(slug, kinds, call.caller, call.schema)
    _begin(call)
    compiler = FilterCompiler(
        kind, faults, call.parameters, own, associations, deleted=call.deleted
    )
    if call.survivors or call.alike:
        compiler.lead_on(call.survivors, call.alike or {})
    call.conditions = compiler.all(request.filters)
    call.asks_own = compiler.asks_own and _has_schema(call)
    return associations


def _has_schema(call: Call) -> bool:
    return call.schema is not None and call.schema is not NO_SCHEMA


def _begin(call: Call) -> None:
    """Names what every statement of the call is about."""
    call.parameters.business_id = call.caller.business_id
    if call.object:
        call.parameters.object = call.parameters.place(call.object, "text")


def check_search(
    kind: RecordType,
    kinds: Kinds,
    request: Any,
    call: Call,
    own: OwnFields,
    faults: Faults,
) -> None:
    """Checks order and filters, and keeps the compiled filters in the call."""
    item = kind.by_name.get(request.order_by)
    if call.deleted and request.order_by == DELETED_AT:
        item = deletion_fields(kind)[0]
    elif item is None and own.by_key and not call.deleted:
        call.ordered = ordered_field(own, request.order_by)
    if (
        request.order_by
        and call.ordered is None
        and (item is None or not item.policy.sortable)
    ):
        names = [f.name for f in kind.fields if f.policy.sortable]
        names += [DELETED_AT] if call.deleted else ordered_names(own)
        code = FaultCode.FAULT_CODE_INVALID_CHOICE
        faults.add("order_by", code, f"Give one of {', '.join(names)}.")
    if request.filters:
        _compile_filters(kind, kinds, request, call, own, faults)
    else:
        _begin(call)
    text: str = getattr(request, "search_text", "")
    if call.ordered is not None or (text and own.searchable):
        call.asks_own = True
