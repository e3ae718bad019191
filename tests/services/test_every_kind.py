"""The kinds of record are those of the protos, in the order of their locks."""

from services.every_kind import BEHAVIOURS, KINDS, in_lock_order
from services.kinds.descriptors import record_types
from services.record_messages import record_messages
from services.roles import RESOURCES

KINDS_OF_RECORD = record_types(KINDS)


def test_every_record_of_the_protos_is_a_kind() -> None:
    assert set(KINDS) == set(record_messages())
    assert len(KINDS) == len(set(KINDS))
    assert BEHAVIOURS.keys() <= KINDS_OF_RECORD.keys()


def test_a_kind_is_locked_after_those_that_it_refers_to() -> None:
    seen: set[str] = set()
    for kind in KINDS_OF_RECORD.values():
        seen.add(kind.resource)  # which may refer to another one of its own
        referred = {each.references for each in kind.fields}
        assert referred & KINDS_OF_RECORD.keys() <= seen


def test_the_order_of_locks_does_not_depend_on_that_of_the_protos() -> None:
    backwards = record_types(in_lock_order(reversed(record_messages())))
    order = list(backwards)
    for kind in backwards.values():
        for each in kind.fields:
            if each.references in backwards:
                assert order.index(each.references) <= order.index(kind.resource)


def test_scopes_name_the_records_with_permissions_of_their_own() -> None:
    assert RESOURCES[:6] == ("contact", "company", "deal", "task", "note", "activity")
    assert {"pipeline", "user"}.isdisjoint(RESOURCES)
