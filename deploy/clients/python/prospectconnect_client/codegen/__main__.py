"""The command `prospectconnect-codegen`."""

import argparse
import os
import sys
from pathlib import Path

from prospectconnect_client import ProspectConnect
from prospectconnect_client.codegen import python_types
from prospectconnect_client.problems import Problem, Unreachable

_ADDRESS = "https://papi.prospectconnect.ai"

# The same as those of `pcrm`.
_DONE, _REFUSED, _WRONG_USE, _NOT_LOGGED_IN, _NOT_REACHED = 0, 1, 2, 3, 4

_AFTERWARDS = """\
The token comes from PCRM_TOKEN and the address from PCRM_URL. It needs the scope
schema.read.

exit status: 0 done, 1 refused by the API or out of date, 2 wrong use, 3 no token,
4 the API was not reached
"""


def main(arguments: list[str] | None = None) -> int:
    """Writes the module, and returns the exit status."""
    told = _parser().parse_args(arguments)
    token = os.environ.get("PCRM_TOKEN", "").strip()
    if not token:
        print("Set PCRM_TOKEN to a token with the scope schema.read.", file=sys.stderr)
        return _NOT_LOGGED_IN
    try:
        with ProspectConnect(token, told.url) as client:
            text = python_types(client.fields.search())
    except (Unreachable, Problem, ValueError) as error:
        print(error, file=sys.stderr)
        return _status(error)
    return _write(told.file, text, told.check)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="prospectconnect-codegen",
        description="Writes the tenant's own fields as types of Python.",
        epilog=_AFTERWARDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", type=Path, help="the module to write, such as own_fields.py"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if the file is not up to date",
    )
    parser.add_argument(
        "--url",
        default=os.environ.get("PCRM_URL") or _ADDRESS,
        help="the address of the API (default: %(default)s)",
    )
    return parser


def _status(error: Exception) -> int:
    if isinstance(error, Unreachable):
        return _NOT_REACHED
    return _REFUSED if isinstance(error, Problem) else _WRONG_USE


def _write(file: Path, text: str, check: bool) -> int:
    """Writes a file that differs. One that does not keeps its time."""
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return _DONE
    if check:
        print(f"{file} is not up to date. Run it without --check.", file=sys.stderr)
        return _REFUSED
    fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
    return _DONE


if __name__ == "__main__":
    sys.exit(main())
