"""Where logins are kept: secrets in the system's keyring, or in a file of the user.

The file has the mode 0600. It lists the logins by the address of the API; where there
is a keyring, the secrets are there, and not in the file.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

_SERVICE = "pcrm"


@dataclass(frozen=True, slots=True)
class Login:
    """A login at one address.

    Attributes:
        token: What calls are made with.
        refresh: Gets the next token; empty for a login with a token of one's own.
        expires_at: When the token ends, in Unix seconds; None if it does not.
        client_id: The app that the login registered.
        registration: Where the registration is ended, and the token for that.
    """

    token: str
    refresh: str = ""
    expires_at: float | None = None
    client_id: str = ""
    registration: tuple[str, str] = ("", "")


def folder() -> Path:
    """The folder of the settings."""
    if given := os.environ.get("PCRM_CONFIG_DIR"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home())) / "pcrm"
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "pcrm"


def current_address() -> str | None:
    """The address of the latest login."""
    found = _read().get("current")
    return found if isinstance(found, str) else None


def login_at(address: str) -> Login | None:
    """The login at an address; None if there is none, or none that can be read."""
    found = _read().get("logins", {}).get(address)
    if found == "keyring":
        ring = _keyring()
        found = (
            json.loads(ring.get_password(_SERVICE, address) or "null") if ring else 0
        )
    if not isinstance(found, dict):
        return None
    try:
        login = Login(**found)
        where, token = login.registration
        return replace(login, registration=(where, token))
    except (TypeError, ValueError):
        return None


def keep(address: str, login: Login) -> str:
    """Keeps a login; returns where: `keyring` or the path of the file."""
    told = _read()
    found: Any = asdict(login)
    if _put_in_keyring(address, found):
        found = "keyring"
    _write({"current": address, "logins": {**told.get("logins", {}), address: found}})
    return "keyring" if found == "keyring" else str(_file())


def forget(address: str) -> None:
    """Forgets the login at an address."""
    told = _read()
    logins = dict(told.get("logins", {}))
    if logins.pop(address, None) == "keyring" and (ring := _keyring()):
        ring.delete_password(_SERVICE, address)
    current = told.get("current")
    _write({"current": None if current == address else current, "logins": logins})


@contextmanager
def locked() -> Iterator[None]:
    """Holds other processes back: a refresh token may be used once."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / "lock").open("a+b") as file:
        _lock(file.fileno())
        yield


def _lock(number: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX)


def _file() -> Path:
    return folder() / "logins.json"


def _read() -> dict[str, Any]:
    try:
        told = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _write(told: Mapping[str, Any]) -> None:
    """Replaces the file at once; nobody else can read it at any moment."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    made = _file().with_name(f"logins.{os.getpid()}.new")
    made.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(made, flags, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file, indent=2)
    made.replace(_file())


def _put_in_keyring(address: str, secrets: Mapping[str, Any]) -> bool:
    ring = _keyring()
    if ring is None:
        return False
    try:
        ring.set_password(_SERVICE, address, json.dumps(secrets))
    except Exception:
        return False
    return True


def _keyring() -> Any:
    """The package `keyring`, if it is installed and has a place to keep secrets."""
    try:
        ring = import_module("keyring")
        usable = ring.get_keyring().priority >= 1
    except Exception:
        return None
    return ring if usable else None
