"""Every planted fault still finds the code that it replaces."""

import subprocess
import sys

from tests.harness.programs.faulty_program import FAULTS

_PLANT = """
from tests.harness.programs.faulty_program import FAULTS
for plant in FAULTS.values():
    plant()
print(len(FAULTS))
"""


def test_every_fault_can_be_planted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PLANT], capture_output=True, text=True, check=False
    )
    assert done.stdout == f"{len(FAULTS)}\n", done.stderr
