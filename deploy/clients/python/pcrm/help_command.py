"""Explains what no option can."""

import click

from pcrm.help_texts import TOPICS


@click.command("help", short_help="Explain filters, values, output or exit codes")
@click.argument("topic", type=click.Choice(list(TOPICS)), required=False)
def help_command(topic: str | None) -> None:
    """Explains filters, values, output or exit-codes."""
    shown = [TOPICS[topic]] if topic else TOPICS.values()
    click.echo("\n".join(shown).rstrip())
