"""What `serve` says to a person once it serves: where, with which token, and how."""

from datetime import UTC, datetime

from deploy.ready import Ready


def welcome(ready: Ready, token: str | None) -> str:
    """Writes the URLs and, with a demonstration token, a line to try them by."""
    where = f"\n  HTTP    {ready.url}/v1\n  gRPC    {ready.grpc}\n"
    if token is None:
        return f"{where}\n  For a token: prospectconnect token create --help\n"
    today = datetime.now(UTC).date()
    return (
        f"{where}  Token   {token}\n          (tenant demo, its owner, all scopes)\n\n"
        f"  curl -s {ready.url}/v1/contacts/search"
        f" -H 'Authorization: Bearer {token}' -H 'Version: {today}'"
        " -H 'Content-Type: application/json' -d '{\"limit\": 3}'\n"
    )
