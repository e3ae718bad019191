"""Batches are cut where no ref leads from one to another, the same by each client."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pytest

from prospectconnect_client import in_batches
from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program

Op = dict[str, Any]
SIZE = 4

# The lengths of the batches that were sent, and the message of the error at the end.
Sent = tuple[list[int], str]


def plain() -> Op:
    return {"method": "create", "body": {"first_name": "@nobody"}}


def named(ref: str, **body: Any) -> Op:
    return {"method": "create", "ref": ref, "body": body}


def linked(ref: str) -> Op:
    return {"method": "create", "body": {"company_id": f"@{ref}"}}


def own(ref: str) -> Op:
    return {"method": "create", "body": {"custom_fields": {"maker": f"@{ref}"}}}


def by_id(ref: str) -> Op:
    return {"method": "update", "id": f"@{ref}", "body": {"name": "A"}}


FIT: Sequence[tuple[list[Op], list[int]]] = [
    ([plain()] * 9, [4, 4, 1]),
    ([], []),
    ([plain(), plain(), plain(), named("a"), linked("a"), plain()], [3, 3]),
    ([named("a"), own("a"), named("b"), plain(), by_id("b")], [2, 3]),
    ([named("a"), plain(), plain(), linked("a"), plain()], [4, 1]),
    ([named("a"), linked("a"), named("a"), linked("a")], [2, 2]),
    ([named("a"), by_id("a"), plain(), plain(), own("b")], [4, 1]),
    ([plain(), own("any"), plain()], [3]),
]
UNFIT: Sequence[tuple[list[Op], list[int], str]] = [
    (
        [plain(), named("a"), plain(), plain(), plain(), linked("a")],
        [1],
        "operations[5].body.company_id refers to @a, which is operations[1]: what "
        "refers to each other must fit into one batch of at most 4 operations, in "
        "which each ref stands once.",
    ),
    (
        [named("b"), named("a"), named("a"), linked("b")],
        [],
        "operations[3].body.company_id refers to @b, which is operations[0]: what "
        "refers to each other must fit into one batch of at most 4 operations, in "
        "which each ref stands once.",
    ),
    (
        [named("a"), *[plain()] * 9, by_id("a")],
        [4, 4, 2],
        "operations[10].id refers to @a, and no operation before it in its batch of "
        "at most 4 has this ref.",
    ),
    (
        [linked("a"), named("a")],
        [],
        "operations[0].body.company_id refers to @a, and no operation before it in "
        "its batch of at most 4 has this ref.",
    ),
]


def in_python(operations: Sequence[Op], size: int = SIZE) -> Sent:
    sent: list[int] = []

    def send(*, operations: list[Op], dry_run: bool) -> Any:
        sent.append(len(operations))
        return {"data": [{"status": 201}] * len(operations)}

    try:
        list(in_batches(send, iter(operations), size=size))
    except ValueError as error:
        return sent, str(error)
    return sent, ""


def test_operations_that_refer_to_each_other_stay_together() -> None:
    for operations, lengths in FIT:
        assert in_python(operations) == (lengths, "")


def test_what_cannot_stay_together_is_told() -> None:
    for operations, lengths, message in UNFIT:
        assert in_python(operations) == (lengths, message)


def test_no_more_is_read_than_is_needed() -> None:
    def read(operations: Callable[[], Iterator[Op]]) -> int:
        count = 0

        def counted() -> Iterator[Op]:
            nonlocal count
            for each in operations():
                count += 1
                yield each

        def send(*, operations: list[Op], dry_run: bool) -> Any:
            return {"data": [{"status": 201}] * len(operations)}

        next(in_batches(send, counted(), size=SIZE))
        return count

    assert read(lambda: iter([plain()] * 20)) == SIZE
    assert read(lambda: iter([named("a"), *[plain()] * 20])) == 2 * SIZE - 1


def random_operations(draw: random.Random) -> list[Op]:
    makers = (linked, own, by_id)
    found = []
    for _ in range(draw.randrange(16)):
        ref = draw.choice("abc")
        kind = draw.randrange(8)
        found.append(
            named(ref)
            if kind < 2
            else draw.choice(makers)(ref)
            if kind < 4
            else named(ref, company_id=f"@{draw.choice('abc')}")
            if kind == 4
            else plain()
        )
    return found


def is_good(batch: Sequence[Mapping[str, Any]], strict: bool) -> bool:
    """Whether refs stand once, and what refers surely finds its ref before it."""
    seen: set[str] = set()
    for each in batch:
        body = each.get("body", {})
        sure = [v for v in (each.get("id"), body.get("company_id")) if v]
        if strict and any(value[1:] not in seen for value in sure):
            return False
        if (ref := each.get("ref")) in seen:
            return False
        seen |= {ref} if ref else set()
    return True


def can_be_cut(operations: Sequence[Op], size: int) -> bool:
    """Whether there is any way to cut them, found by trying all."""
    fine = [True] + [False] * len(operations)
    for end in range(1, len(operations) + 1):
        fine[end] = any(
            fine[start] and is_good(operations[start:end], strict=True)
            for start in range(max(0, end - size), end)
        )
    return fine[-1]


def test_a_way_to_cut_is_found_if_there_is_one() -> None:
    draw = random.Random(1815)
    failed = 0
    for _ in range(2000):
        operations = [
            each
            for each in random_operations(draw)
            if "custom_fields" not in each["body"]
        ]
        lengths, message = in_python(operations)
        rest = iter(operations)
        assert all(is_good(list(islice(rest, n)), strict=True) for n in lengths)
        assert bool(message) == (not can_be_cut(operations, SIZE)), operations
        failed += bool(message)
    assert 200 < failed < 1800


@pytest.mark.node
def test_both_clients_cut_alike(account: Account) -> None:
    draw = random.Random(1852)
    all_of_them = [each[0] for each in FIT] + [each[0] for each in UNFIT]
    all_of_them += [random_operations(draw) for _ in range(300)]
    found = run_program(
        account,
        """
        const found = []
        for (const operations of told.operations) {
          const sent = []
          const send = async ({ operations }) => {
            sent.push(operations.length)
            return { data: operations }
          }
          let message = ''
          try {
            for await (const _ of all.inBatches(send, operations, told.size));
          } catch (error) {
            message = error.message
          }
          found.push([sent, message])
        }
        return found
        """,
        operations=all_of_them,
        size=SIZE,
    )
    assert [tuple(each) for each in found] == [in_python(each) for each in all_of_them]
