"""The guide's sample for Node judges requests as the published libraries do."""

import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.foreign.webhooks.samples import cases, in_node


@pytest.mark.node
def test_the_sample_for_node_takes_what_is_ours_and_nothing_else(
    tmp_path: Path,
) -> None:
    given, judged = cases(int(time.time()))
    assert in_node(tmp_path, given) == judged
    assert [_is_taken(each) for each in given] == judged


def _is_taken(request: dict[str, Any]) -> bool:
    """Whether the library for Python takes a request."""
    try:
        webhook = Webhook(request["secret"])
        webhook.verify(request["body"].encode(), request["headers"])
    except (WebhookVerificationError, ValueError):
        return False
    return True
