"""The command line's options: those of the settings, and values with a form."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from deploy.settings import Settings, variable

Value = TypeVar("Value")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def setting(name: str, text: str) -> Decorator:
    """Makes the option of a setting; variable and default come from there."""
    default = Settings.model_fields[name].default
    known = "" if default is None else f"; default {default}"
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        metavar=name.rpartition("_")[2].upper(),
        help=f"{text}  [{variable(name)}{known}]",
    )


def tls_of(side: str, prefix: str) -> Decorator:
    """Adds the options for the TLS of a server."""
    about = {
        "client_ca": f"Take clients of {side} alone that this CA has signed (PEM).",
        "key": f"The key of the certificate for {side} (PEM).",
        "certificate": f"A certificate for {side}, with those between (PEM).",
    }

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name, text in about.items():
            command = setting(f"{prefix}_{name}", text)(command)
        return command

    return add


def place_of_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the two options that say where the data lies."""
    command = setting("database_url", "A PostgreSQL to use, postgresql://...")(command)
    return setting("data_dir", "The folder of the embedded PostgreSQL.")(command)


def parsed(parse: Callable[[str], Value]) -> Callable[..., Value | None]:
    """Makes a click callback of a function that raises ValueError."""

    def callback(_: click.Context, __: click.Parameter, text: str | None) -> Any:
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback
