"""Hostile bytes never lead the compiled code out of its memory.

`COMPILED_CASES` and `FUZZ_SEED` give more, or others; a fault names its case, which
`python -m tests.fuzz.compiled --seed 1 --number 17` repeats.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.fuzz.compiled import building
from tests.fuzz.compiled.__main__ import shoot
from tests.rounds import rounds

SEED = int(os.environ.get("FUZZ_SEED", "1"))
pytestmark = pytest.mark.skipif(
    not building.is_possible(), reason="there is no compiler with sanitizers"
)

# Faults that the sanitizers must see: where, the right words, and wrong ones.
PLANTED = {
    "a string without an end": (
        "services/exports/json_cut.h",
        "while (at < end && *at != '\"')",
        "while (*at != '\"')",
    ),
    "a length that is believed": (
        "services/records/sent.h",
        "length > from->end - from->at",
        "length > 1000000",
    ),
    "a message that is longer than its bytes": (
        "edge/transcoder/json_text.h",
        "if (size > (unsigned long long)(from->end - from->at))",
        "if (size > 1000000)",
    ),
    "a digit that is none": (
        "services/exports/json_cut.h",
        "!Py_ISXDIGIT(from.at[2]) || !Py_ISXDIGIT(from.at[3])",
        "0",
    ),
    "an error without its exception": (
        "services/records/rows.c",
        "    if (!done && part.at == NULL)\n        done = not_sent();",
        "    if (!done && part.at == NULL)\n        done = -1;",
    ),
}


def test_no_bytes_are_too_hostile(tmp_path: Path) -> None:
    building.build(tmp_path)
    assert not shoot(tmp_path, SEED, range(rounds("COMPILED_CASES")))


@pytest.mark.canary
@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen(tmp_path: Path, fault: str) -> None:
    place, right, wrong = PLANTED[fault]
    for source in building.SOURCES.values():
        folder = Path(source).parent
        shutil.copytree(building.ROOT / folder, tmp_path / folder)
    text = (tmp_path / place).read_text()
    assert right in text
    (tmp_path / place).write_text(text.replace(right, wrong))
    building.build(tmp_path, tmp_path)
    assert "case" in shoot(tmp_path, SEED, range(12_000))
