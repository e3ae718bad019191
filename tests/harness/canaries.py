"""Planted faults as a test's parameters: one runs at each change, all run nightly."""

from collections.abc import Iterable
from typing import Any

import pytest


def one_at_each_change(faults: Iterable[Any]) -> list[Any]:
    """The first always runs. The others are canaries: they run after a change."""
    first, *others = faults
    return [first, *(pytest.param(each, marks=pytest.mark.canary) for each in others)]
