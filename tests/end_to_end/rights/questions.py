"""Asks every probe with ids that are not the asker's, and compares with unknown ids."""

from collections.abc import Iterator
from typing import Any

from edge.transcoder.routes import Route
from tests.client import Answer
from tests.end_to_end.rights.asking_worlds import DELETED, GONE, Asker, World
from tests.end_to_end.rights.probes import ROUTES, ends_record, probes_of
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.promises.records_suite import RESOURCES

PROBED = [route for route in ROUTES if probes_of(route)]
PREFIXES = {name: each.policy.id_prefix for name, each in RESOURCES.items()}
PREFIXES["stage"] = "stg_"

# Probes that reach what its deleter may restore.
_REVIVING = ("operation restore", "filter deleted id")

# Headers that differ between any two answers.
_OWN_HEADERS = ("date", "x-trace-id", "content-length")


def comparable(answer: Answer, record_id: str) -> Any:
    """All of an answer but what differs between any two, and the id itself."""
    headers = {
        name: text
        for name, text in answer.headers.items()
        if name not in _OWN_HEADERS and "ratelimit" not in name
    }
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.body and not kind.endswith(("/json", "+json")):
        return answer.status, headers, answer.body.hex()  # of a file, as it is
    document = answer.json if answer.body else {}
    for name in ("trace_id", "instance"):
        document.pop(name, None)
    if "meta" in document:  # a cursor is bound to its query
        document["meta"]["cursor"].pop("next")
    return answer.status, headers, str(document).replace(record_id, "ID")


def everyone(world: World, route: Route) -> Iterator[tuple[Asker, str, str, str]]:
    """All who ask with all that is not theirs: asker, whose, kind and id.

    The past of deleted records is told to those who may delete, as all askers here, who
    restore and erase them too: `history/test_who_is_told.py`, `restoring/` and
    `erasure/` ask for others. Who finds no deleted record of another tenant there finds
    it nowhere.
    """
    restores = route.path.endswith("/restore")
    for asker in world.askers:
        for whose, ids in asker.foreign.items():
            reaches_deleted = route.is_past or restores
            if ends_record(route) and route.http_method == "POST":
                reaches_deleted = True  # an erasure
            if whose == DELETED and reaches_deleted:
                continue
            if whose == GONE and not (route.only_reads or restores or route.is_batch):
                continue
            for kind, each in ids.items():
                yield asker, whose, kind, each


def hold(route: Route, world: World, skipped: tuple[str, ...] = ()) -> None:
    """Sends every probe of an operation with every id that is not the asker's.

    But for those with names that hold one of `skipped`.
    """
    before = {} if route.only_reads else watched(world)
    for probe in probes_of(route):
        if any(each in probe.name for each in skipped):
            continue
        never = PREFIXES[probe.kind] + UNKNOWN_DIGITS
        expected: dict[str, Any] = {}  # by the token of who asks
        for asker, whose, kind, each in everyone(world, route):
            is_revived = whose == DELETED and probe.name.endswith(_REVIVING)
            if kind == probe.kind and not is_revived:
                found = comparable(probe.send(asker.maker, each), each)
                if asker.token not in expected:
                    answer = probe.send(asker.maker, never)
                    expected[asker.token] = comparable(answer, never)
                assert found == expected[asker.token], (probe.name, whose)
    assert before == ({} if route.only_reads else watched(world))


def watched(world: World) -> dict[str, bytes]:
    """The records that nobody may change, as they are now."""
    return {path: client.get(path).body for path, client in world.watched.items()}
