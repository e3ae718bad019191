"""Which records a caller sees: all of a kind, or its own (contract §4)."""

from services.caller import Caller
from services.record_type import RecordType


def owner_column(record: RecordType, caller: Caller) -> str:
    """The column that must hold the caller or nobody; empty where all are seen."""
    is_bound = record.resource in caller.own_only
    return record.policy.owner_field if is_bound else ""


def own_condition(record: RecordType, caller: Caller, user: str) -> str:
    """The SQL that leaves only what the caller sees; `user` is its parameter."""
    column = owner_column(record, caller)
    return f"(r.{column} = {user} OR r.{column} IS NULL)" if column else ""
