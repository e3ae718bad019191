"""Programs of the system that tests need beside Python."""

import os
import shutil


def program_path(name: str) -> str | None:
    """Where a program is; Debian puts some where only root looks."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
