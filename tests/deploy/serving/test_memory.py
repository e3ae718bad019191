"""A process keeps memory that requests have freed."""

import subprocess
import sys

import pytest

# Prints the page faults of answers that are made and freed one after the other, as a
# process begins and as it has settled. Each has a fifth of a megabyte, and parts.
PROGRAM = """
import ctypes, resource
from deploy.serving.memory import keep_freed_memory

def answer():
    grown, parts = bytearray(), []
    for _ in range(200):
        parts.append(bytes(900))
        grown += parts[-1]
    return bytes(grown) + b",".join(parts)

def faults():
    for _ in range(3):
        answer()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(200):
        answer()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

usual = faults()
keep_freed_memory()
print(usual, faults(), hasattr(ctypes.CDLL(None), "mallopt"))
"""


def test_answers_one_after_the_other_use_the_same_memory() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    usual, kept, can = told.stdout.split()
    if can == "False":
        pytest.skip("the C library has no such function")
    assert int(kept) < 200 < int(usual)
