"""Completions for shells."""

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(pcrm completion bash)"',
    "zsh": 'eval "$(pcrm completion zsh)"',
    "fish": "pcrm completion fish | source",
}


@click.command("completion", short_help="Print the completions for a shell")
@click.argument("shell", type=click.Choice(list(_HOW)))
def completion_command(shell: str) -> None:
    """Prints the completions for bash, zsh or fish.

    \b
      bash   eval "$(pcrm completion bash)"     in ~/.bashrc
      zsh    eval "$(pcrm completion zsh)"      in ~/.zshrc
      fish   pcrm completion fish | source      in ~/.config/fish/config.fish
    """
    from pcrm.tree import command_tree

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click knows these three
    click.echo(found(command_tree(), {}, "pcrm", "_PCRM_COMPLETE").source())
