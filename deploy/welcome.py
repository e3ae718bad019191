"""What `serve` says to a person once it serves: where, with which token, and how."""

from datetime import UTC, datetime

import click

from deploy.ready import Ready


def welcome(ready: Ready, token: str | None) -> None:
    """Prints the URLs and, with a demonstration token, a line to try them by."""
    click.echo(f"\n  HTTP    http://{ready.http}/v1\n  gRPC    {ready.grpc}")
    if token is None:
        click.echo("\n  A token: prospectconnect token create --help\n")
        return
    today = datetime.now(UTC).date()
    click.echo(f"  Token   {token}\n          (tenant demo, its owner, all scopes)\n")
    click.echo(
        f"  curl -s http://{ready.http}/v1/contacts/search"
        f" -H 'Authorization: Bearer {token}' -H 'Version: {today}'"
        " -H 'Content-Type: application/json' -d '{\"limit\": 3}'\n"
    )
