"""A login: by a real browser, kept for the next commands, renewed, and ended."""

import json
import os
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.command_line.shell import Shell
from tests.foreign.programs import chromium, run_node
from tests.harness.people.oauth import PASSWORD
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.stacks import Stack


@pytest.fixture
def scene(running_stacks: Callable[[str], Stack]) -> Iterator[Scene]:
    """A user who has a password."""
    with opened_scene(running_stacks("together")) as scene:
        yield scene


@pytest.fixture
def home(scene: Scene, tmp_path: Path) -> Shell:
    """The shell of somebody who is not logged in."""
    return Shell(
        {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PCRM_CONFIG_DIR": str(tmp_path / "settings"),
            "PCRM_URL": f"http://{scene.tenant.stack.http}",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
    )


def kept(home: Shell) -> Path:
    """The file of the logins."""
    return Path(home.variables["PCRM_CONFIG_DIR"]) / "logins.json"


def is_private(home: Shell) -> None:
    """Asserts that nobody but the user reads the logins."""
    assert stat.S_IMODE(kept(home).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept(home).parent.stat().st_mode) == 0o700


def logged_in(home: Shell, scene: Scene, answer: str = "allow") -> tuple[int, str]:
    """Logs in by a browser; returns the exit code and what the browser shows."""
    with home.begin("login", "--no-browser", "--patience", "60") as process:
        assert process.stderr is not None
        process.stderr.readline()
        url = process.stderr.readline().strip()
        told = {
            "url": url,
            "email": scene.email,
            "password": PASSWORD,
            "chromium": chromium(),
            "answer": answer,
        }
        found = run_node("browser/command_line.mjs", told)
        process.communicate(timeout=60)
    return process.returncode, found["heading"]


@pytest.mark.browser
def test_a_login_by_a_browser_from_its_beginning_to_its_end(
    home: Shell, scene: Scene
) -> None:
    assert logged_in(home, scene) == (0, "You are logged in")
    is_private(home)
    elsewhere = home.with_(PCRM_URL="")
    me = elsewhere.run("me", "get").json
    assert me["user"]["email"] == scene.email
    first = login(home)

    make_old(home)
    assert elsewhere.run("me", "get").code == 0
    second = login(home)
    assert second["token"] != first["token"], "it was renewed"

    make_old(home)
    several = [home.begin("me", "get") for _ in range(4)]
    for process in several:
        process.communicate(timeout=60)
    assert [process.returncode for process in several] == [0] * 4
    assert elsewhere.run("me", "get").code == 0, "a refresh token was used once"

    last = login(home)["token"]
    assert home.run("logout").code == 0
    assert scene.dies(last)
    assert home.run("me", "get").code == 3
    assert home.run("logout").code == 3


@pytest.mark.nightly
@pytest.mark.browser
def test_who_gives_no_access_is_not_logged_in(home: Shell, scene: Scene) -> None:
    assert logged_in(home, scene, "deny") == (3, "No access")
    assert not kept(home).exists()


def login(home: Shell) -> dict[str, Any]:
    """The login that is kept."""
    (found,) = json.loads(kept(home).read_text())["logins"].values()
    told: dict[str, Any] = found
    return told


def make_old(home: Shell) -> None:
    """Lets the token of the login have ended."""
    told = json.loads(kept(home).read_text())
    for each in told["logins"].values():
        each["expires_at"] = 1.0
    kept(home).write_text(json.dumps(told))


def test_a_callback_from_elsewhere_is_not_taken(home: Shell) -> None:
    with home.begin("login", "--no-browser", "--patience", "2") as process:
        assert process.stderr is not None
        process.stderr.readline()
        asked = parse_qs(urlsplit(process.stderr.readline().strip()).query)
        assert asked["code_challenge_method"] == ["S256"]
        callback = asked["redirect_uri"][0]
        state, issuer = asked["state"][0], home.variables["PCRM_URL"]
        for query in (
            f"code=x&state=other&iss={issuer}",
            f"code=x&state={state}&iss=http://other",
            f"code=x&state={state}",
            "code=x",
        ):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{callback}?{query}")  # noqa: S310 - our own
        process.communicate(timeout=60)
    assert process.returncode == 3
    assert not kept(home).exists()


def test_a_token_is_a_login_too(home: Shell, scene: Scene) -> None:
    token = scene.token(["contact.read"])
    assert home.run("login", "--with-token", stdin="pcp_wrong\n").code == 3
    assert not kept(home).exists()
    done = home.run("login", "--with-token", stdin=f"{token}\n")
    assert done.code == 0
    assert scene.email in done.err
    assert token not in done.err + done.out
    is_private(home)
    assert home.with_(PCRM_URL="").run("contacts", "search").json == []
    other = home.with_(PCRM_URL="http://127.0.0.1:9").run("contacts", "search")
    assert other.code == 3, "a token goes to no other address"


RING = """
from keyring_kept import FILE
import json, types
def get_keyring(): return types.SimpleNamespace(priority=5)
def _all(): return json.loads(FILE.read_text()) if FILE.exists() else {}
def set_password(service, name, told):
    FILE.write_text(json.dumps({**_all(), name: told}))
def get_password(service, name): return _all().get(name)
def delete_password(service, name): FILE.write_text("{}")
"""


def test_secrets_are_in_a_keyring_where_there_is_one(
    home: Shell, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a package `keyring` of this test: the real one needs a desktop."""
    (tmp_path / "keyring.py").write_text(RING)
    file = tmp_path / "ring.json"
    (tmp_path / "keyring_kept.py").write_text(
        f"from pathlib import Path\nFILE = Path({str(file)!r})"
    )
    monkeypatch.syspath_prepend(tmp_path)
    token = scene.token(["contact.read"])
    try:
        assert home.run("login", "--with-token", stdin=token).code == 0
        assert token in file.read_text()
        assert token not in kept(home).read_text()
        assert home.run("contacts", "search").json == []
        assert home.run("logout").code == 0
        assert token not in file.read_text()
    finally:
        for name in ("keyring", "keyring_kept"):
            sys.modules.pop(name, None)


def test_a_login_over_http_goes_to_this_machine_alone(home: Shell) -> None:
    done = home.with_(PCRM_URL="http://papi.example.com").run("login")
    assert done.code == 2
    assert "https" in done.err


def test_a_browser_that_is_named_is_opened(home: Shell, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-m", "pcrm", "login", "--patience", "1"],
        env=home.with_(BROWSER=str(browser)).environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert opened.read_text().startswith(
        f"{home.variables['PCRM_URL']}/oauth/authorize?"
    )
