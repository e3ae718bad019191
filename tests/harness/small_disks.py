"""Small disks, which a test can fill. Only root may mount one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_BLOCK = b"\0" * 65_536


@contextmanager
def mounted(size: str) -> Iterator[Path]:
    """A disk of a size such as `4m`. Skips the test of who may not mount one."""
    with TemporaryDirectory(prefix="pc-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]
        if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
            pytest.skip("no disk can be mounted")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def fill(disk: Path) -> Path:
    """Takes all room that is left, and tells the file that holds it."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(_BLOCK)
    return ballast
