"""Secrets in files, as container engines provide them: a folder with a file for each.

A file has the name of its setting, such as `database_url`. A flag or a variable has
precedence over a file. A file whose name is not a setting is an error.
"""

from collections.abc import Collection
from pathlib import Path

from deploy.errors import SettingsError

_LONGEST_BYTES = 64 * 1024


def read_secrets(folder: Path, names: Collection[str]) -> dict[str, str]:
    """Reads the files of a folder, except those whose name begins with a dot.

    White space around a secret is removed, since editors end a file with a line break.
    Raises SettingsError.
    """
    try:
        files = [path for path in folder.iterdir() if "." not in path.name]
        return {path.name: _read(path, names) for path in sorted(files)}
    except (OSError, UnicodeDecodeError) as error:
        text = f"A secret in {folder} cannot be read: {error}."
        raise SettingsError(text) from None


def _read(path: Path, names: Collection[str]) -> str:
    if path.name not in names:
        raise SettingsError(f"There is no setting {path.name}, as {path} is called.")
    with path.open("rb") as file:
        secret = file.read(_LONGEST_BYTES + 1)
    if len(secret) > _LONGEST_BYTES:
        raise SettingsError(f"The secret in {path} is longer than 64 KiB.")
    return secret.decode().strip()
