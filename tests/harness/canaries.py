"""Planted faults for a test's parameters: one at each change, the others nightly."""

from collections.abc import Iterable
from typing import Any

import pytest


def one_at_each_change(faults: Iterable[Any]) -> list[Any]:
    """The first runs always, the others as canaries do: when the harness changes."""
    first, *others = faults
    return [first, *(pytest.param(each, marks=pytest.mark.canary) for each in others)]
