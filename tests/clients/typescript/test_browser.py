"""The client for TypeScript runs in a browser, as its modules are."""

from pathlib import Path

import pytest

from tests.foreign.programs import chromium, run_node
from tests.world import Tenant

ROOT = Path(__file__).parents[3]


@pytest.mark.browser
def test_a_page_of_another_site_uses_the_client(tenant: Tenant) -> None:
    """Its origin is not that of the API. It sees all that Node sees."""
    told = {
        "chromium": chromium(),
        "client": str(ROOT / "gen/clients/typescript"),
        "token": tenant.tokens["owner"],
        "address": f"http://{tenant.stack.http}",
    }
    found = run_node(str(Path(__file__).parent / "browser.mjs"), told)
    assert found == {
        "value": "9999999999999.99",
        "told": ['"1"', 32, True, True],
        "missing": True,
        "seen": [["deal.created"], []],
        "refused": "WebhookInvalid",
    }
