"""The portal in Chromium: an integrator's way through it, and axe on its pages."""

import os
import shlex
import subprocess
from collections.abc import Callable

import pytest

from tests.foreign.programs import VIEWS, chromium, run_node
from tests.harness.promptly import in_time
from tests.stacks import Stack
from tests.world import new_tenant

pytestmark = pytest.mark.browser

# Seconds until the largest part is drawn: a good page has these, here without a network
# in between.
SLOWEST_PAINT = 2.5

PAGES = {
    "front": "/",
    "docs": "/docs",
    "guide": "/docs/getting-started",
    "details": "/docs/behaviour",
    "problem": "/problems/rate-limited",
    "search": "/docs/search?q=rate+limit",
    "nothing-found": "/docs/search?q=zebra",
    "lost": "/docs/rate-limit",
    "status": "/status",
}


@pytest.mark.needs_program("curl")
def test_an_integrator_finds_their_way_to_a_first_call(stack: Stack) -> None:
    token = new_tenant(stack).token()
    base = f"http://{stack.http}"
    told = {"base": base, "chromium": chromium(), "token": token}
    found = run_node("browser/portal.mjs", told)
    assert found["complaints"] == [], "the browser finds nothing against the pages"
    assert found["elsewhere"] == [], "no other host is asked"
    assert found["plain"] == "/problems/rate-limited"
    keyboard = found["keyboard"]
    assert keyboard["end"] == "/problems/rate-limited"
    assert keyboard["skipped"] == "Skip to the content"
    assert keyboard["closed"]
    assert keyboard["back"], "the focus is where it was before the search"
    assert sorted(keyboard["groups"]) == ["Guides", "Operations", "Problems"]
    assert keyboard["first"] < 60_000, "bytes of the first page with all its files"
    light, dark = "rgb(255, 255, 255)", "rgb(15, 17, 24)"
    assert found["schemes"] == [
        ["light dark", light],
        ["light", light],
        ["dark", dark],
        ["light dark", light],
    ], "each theme is there before the page is drawn"
    assert found["voted"] == {"stayed": "/docs/errors", "cookies": []}
    python = ["code sample in-python"]
    assert found["spoken"] == {"here": python, "there": python}
    for page, loaded in found["loaded"].items():
        assert loaded["shift"] < 0.02, page
        assert in_time(loaded["largest"] / 1_000, SLOWEST_PAINT), page
    copies = found["copies"]
    check_first_call(copies["call"], token)
    check_first_call(copies["own"].replace("hello-1815", "hello-1816"))
    assert token in copies["own"]
    assert copies["forgotten"] == copies["call"]
    assert copies["elsewhere"] == 0, "the token is in one tab alone"
    assert not copies["leaked"], "no request, cookie or address has it, nor the storage"


def check_first_call(call: str, token: str = "") -> None:
    """The call that the page has copied works, and is answered as the page tells."""
    done = subprocess.run(
        ["sh", "-c", f"set -u; {call} -sS --max-time 20"],
        env={**os.environ, **({"TOKEN": token} if token else {})},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shlex.split(call)[0] == "curl"
    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 201 Created")
    for line in ("Location: /v1/contacts/con_", 'ETag: "1"', "Version: 2026-11-01"):
        assert line in head, "as the page tells line by line"
    assert '"name":"Ada Lovelace"' in body


def test_axe_finds_nothing(running_stacks: Callable[[str], Stack]) -> None:
    base = f"http://{running_stacks('together').http}"
    told = {"base": base, "chromium": chromium(), "pages": PAGES, "views": VIEWS}
    found = run_node("browser/portal_axe.mjs", told)
    assert found["found"] == []
    assert found["looks"] == VIEWS * (len(PAGES) + 1)
    assert found["planted"] == ["button-name", "color-contrast"]
