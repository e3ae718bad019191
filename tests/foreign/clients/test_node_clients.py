"""Clients for Node, unmodified: oauth4webapi and openid-client."""

from collections.abc import Callable

import pytest

from tests.client import VERSION
from tests.foreign.programs import run_node
from tests.harness.people.oauth_scene import Scene

METHODS = ["none", "client_secret_basic", "client_secret_post"]


@pytest.mark.node
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("client", ["oauth4webapi", "openid_client"])
def test_a_client_goes_the_whole_way(
    desk: Scene, allow: Callable[[str], str], client: str, method: str
) -> None:
    base = f"http://{desk.tenant.stack.http}"
    told = {"base": base, "method": method, "version": VERSION}
    found = run_node(f"clients/{client}.mjs", told, allow)
    assert (found["called"], found["calledAgain"], found["refused"]) == (200, 200, 401)
    assert found["scope"] == "contact.read contact.write"
    if method == "none":
        assert found["introspected"] is None
    else:
        assert found["introspected"]["active"]
        assert found["introspected"]["username"] == desk.email
