"""A shell of the owner, whose settings are in a folder of the test."""

import os
from pathlib import Path

import pytest

from tests.clients.command_line.shell import Shell
from tests.clients.programs import Account


@pytest.fixture
def shell(account: Account, tmp_path: Path) -> Shell:
    """The owner, calling through the network of the test."""
    return Shell(
        {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PCRM_CONFIG_DIR": str(tmp_path / "settings"),
            "PCRM_URL": account.address,
            "PCRM_TOKEN": account.token,
            "NO_PROXY": "127.0.0.1",
        }
    )
