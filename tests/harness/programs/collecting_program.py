"""Collects tests, and writes those that the rules of `tests.selection` select.

`python -m tests.harness.programs.collecting_program FOLDER...` writes one line of JSON.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest


class _Recorder:
    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        # Pytest must import it before other code does.
        from tests import selection  # noqa: PLC0415 - once pytest has loaded it

        before = list(items)
        left = set(selection.on_the_other_topology(before))
        changed = {item.path for item in before}
        canaries = [each for each in before if each.get_closest_marker("canary")]
        landed = set(
            selection.of_unchanged_harnesses(before, changed, "a", landed=True)
        )
        yield
        told: dict[str, Any] = {
            "all": [item.nodeid for item in before],
            "nightly": [item.nodeid for item in items],
            "canaries": len(list(selection.of_unchanged_harnesses(before, ()))),
            "changed": len(list(selection.of_unchanged_harnesses(before, changed))),
            "landed": [each.nodeid for each in canaries if each not in landed],
            "unknown": len(list(selection.of_unchanged_harnesses(before, None))),
            "cases": [
                {
                    "topology": topology,
                    "name": selection.name_without(topology, item),
                    "on_both": item.get_closest_marker("every_topology") is not None,
                    "left": item in left,
                }
                for item in before
                if (topology := selection.topology_of(item))
            ],
        }
        print(json.dumps(told))


if __name__ == "__main__":
    arguments = ["--collect-only", "-qq", "--no-summary", "--nightly", *sys.argv[1:]]
    sys.exit(pytest.main(arguments, plugins=[_Recorder()]))
