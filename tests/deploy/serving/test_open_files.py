"""A process may open as many files as its clients need, or lets fewer of them in."""

import subprocess
import sys

import pytest

WANTED = 1_000

_ASK = """
import resource, sys
from deploy.serving.open_files import room_for_clients
from deploy.settings import Settings

limit = resource.RLIMIT_NOFILE
resource.setrlimit(limit, (int(sys.argv[1]), int(sys.argv[2])))
room = room_for_clients(Settings(max_clients=int(sys.argv[3]), max_connections=10))
print("room", room, *resource.getrlimit(limit))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "room", "raised"),
    [
        (300, 4_000, 1_000, 1_510),
        (2_000, 4_000, 1_000, 2_000),
        (300, 1_200, 690, 1_200),
        (300, 300, 150, 300),
    ],
    ids=["raised", "never lowered", "too little", "hardly anything"],
)
def test_the_limit_is_raised_as_far_as_it_may(
    soft: int, hard: int, room: int, raised: int
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _ASK, str(soft), str(hard), str(WANTED)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"room {room} {raised} {hard}" in told.stdout
    told_of_it = "max_clients_lowered" in told.stdout + told.stderr
    assert told_of_it == (room < WANTED)
