"""A large file takes no more memory than a small one, however long its rows are."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests import stacks
from tests.client import Client
from tests.end_to_end.imports.sending import imported, table
from tests.world import new_tenant

ROWS, MIB = 96, 1024 * 1024
MOST_MIB = 64


def test_a_large_file_is_never_in_memory(
    migrated_database: Callable[[str], str],
) -> None:
    """One process receives the file and imports it."""
    with (
        stacks.measured("together", migrated_database("large")) as (stack, pid),
        closing(new_tenant(stack).client()) as owner,
    ):
        send(owner, 1)
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        before = peak(pid)
        send(owner, ROWS)
        more = peak(pid) - before
    print(f"{more} MiB more, of {before}")
    assert more < MOST_MIB


def send(owner: Client, rows: int) -> None:
    """Imports rows that have almost as many bytes as a row may have."""
    cell = "x" * (MIB - 1_000)
    content = table(
        "email,junk", *(f"p{n}@l{rows}.example,{cell}" for n in range(rows))
    )
    assert len(content) > rows * (MIB - 1_000)
    assert imported(owner, content)["created"] == rows


def peak(pid: int) -> int:
    """The most memory that a process has had since it was asked to count, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
