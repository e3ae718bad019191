"""The secrets by which an edge proves itself to the services.

They are a setting. Without it, they are in a file in the data folder, which the first
program creates. So an edge and services that share the folder need no setup.
"""

import os
import secrets
from pathlib import Path

from deploy.errors import SettingsError
from deploy.settings import Settings, variable

_BYTES = 32


def edge_secrets(settings: Settings) -> tuple[str, ...]:
    """Returns the secrets. Edges send the first one; services accept all of them.

    Raises SettingsError.
    """
    if given := _given(settings):
        return given
    path = _file(settings)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        found = tuple(path.read_text().split())
    except OSError as error:
        need = f"{path} must hold the secret of the edge, or {variable('edge_secret')}"
        raise SettingsError(f"{need} be set: {error.strerror}.") from None
    if not found:
        raise SettingsError(f"{path} is empty. Remove it, and start again.")
    return found


def known_secrets(settings: Settings) -> tuple[str, ...]:
    """Returns the secrets that exist already, without creating any."""
    try:
        return _given(settings) or tuple(_file(settings).read_text().split())
    except OSError:
        return ()


def _given(settings: Settings) -> tuple[str, ...]:
    return tuple((settings.edge_secret or "").split())


def _file(settings: Settings) -> Path:
    return settings.data_dir / "edge-secret"


def _make(path: Path) -> None:
    """Creates the file atomically, unless another program was faster."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
