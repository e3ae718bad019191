"""The command that prints the OpenAPI document of a contract."""

import click


@click.command()
@click.option(
    "--version", metavar="DATE", help="The date of the contract; the newest one's."
)
def openapi(version: str | None) -> None:
    """Prints the OpenAPI document of a contract."""
    from edge.openapi import files  # noqa: PLC0415 - slow to import

    known = files.versions()
    version = version or known[-1]
    if version not in known:
        raise click.BadParameter(f"There are {', '.join(known)}.")
    click.echo(files.read(version), nl=False)
