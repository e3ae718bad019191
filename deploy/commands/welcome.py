"""The text that `serve` prints for people at start: URLs, a token, and an example."""

import os
import shutil
import sys
from datetime import UTC, datetime

from deploy.serving.ready import Ready

TOKEN_DAYS = 30  # the lifetime of the demonstration token

_NAME = "prospectconnect"


def welcome(ready: Ready, token: str | None) -> str:
    """Writes the URLs and, with a demonstration token, a command to try them."""
    where = f"\n  HTTP    {ready.url}/v1\n  gRPC    {ready.grpc}\n"
    if token is None:
        return f"{where}\n  For a token: {program()} token create --help\n"
    today = datetime.now(UTC).date()
    return (
        f"{where}  Token   {token}\n"
        f"          (tenant demo, its owner, all scopes, for {TOKEN_DAYS} days)\n\n"
        f"  curl -s {ready.url}/v1/contacts/search"
        f" -H 'Authorization: Bearer {token}' -H 'Version: {today}'"
        " -H 'Content-Type: application/json' -d '{\"limit\": 3}'\n"
    )


def program() -> str:
    """The program as a shell finds it: its name if on the PATH, else its path."""
    started = os.path.abspath(sys.argv[0])
    if os.path.basename(started) != _NAME or shutil.which(_NAME) == started:
        return _NAME
    return min(os.path.relpath(started), started, key=len)
