"""PostgreSQL's programs start from a process in which gRPC is busy.

The embedded PostgreSQL starts again beside a running server, and for root Python forks
then.
"""

import os
import subprocess
import sys

import pytest

from tests.harness.promptly import within

# Forks, as for a program that another account runs, beside a thread that makes calls.
FORKS = """
import os, threading
call = grpc.insecure_channel("127.0.0.1:1").unary_unary("/a/b")
def calls():
    while True:
        call.future(b"", timeout=0.05).exception()
threading.Thread(target=calls, daemon=True).start()
for _ in range(150):
    if os.fork() == 0:
        os.execv("/bin/true", ["true"])
    assert os.wait()[1] == 0
os._exit(0)
"""


def told_by_forks(imports: str, seconds: float) -> str:
    """What a process that forks beside gRPC writes, or that it hangs."""
    ours = {"GRPC_ENABLE_FORK_SUPPORT"}
    try:
        ran = subprocess.run(
            [sys.executable, "-c", imports + FORKS],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env={name: os.environ[name] for name in os.environ.keys() - ours},
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    return f"{ran.stderr}{ran.returncode or ''}"


def test_grpc_does_nothing_when_the_product_forks() -> None:
    imports = "import deploy.commands.command_line, grpc"
    assert told_by_forks(imports, 120) == ""


@pytest.mark.canary
def test_what_grpc_does_by_default_would_be_seen() -> None:
    # Where other programs keep the machine busy, many attempts may meet no call.
    assert within(240, lambda: told_by_forks("import grpc", 15))
