"""The gates of scope and role."""

from types import SimpleNamespace
from typing import Any

import pytest

from edge.gates.checks import check_role, check_scope
from edge.problems import ProblemError
from tests.edge.some_callers import a_caller


def calling(permission: str | None) -> Any:
    """As much of an exchange as the gates look at."""
    operation = SimpleNamespace(route=SimpleNamespace(permission=permission))
    return SimpleNamespace(caller=a_caller(), operation=operation)


def test_scope_and_role_each_refuse_what_they_lack() -> None:
    edge: Any = None
    for check, lacking, reason in (
        (check_scope, "contact.write", "SCOPE_DENIED"),
        (check_role, "deal.write", "ROLE_DENIED"),
    ):
        check(edge, calling("contact.read"))
        check(edge, calling(None))
        with pytest.raises(ProblemError) as caught:
            check(edge, calling(lacking))
        assert caught.value.reason == reason
        assert caught.value.members["required"] == lacking
