"""The options of the command line, made from the settings."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from deploy.settings import Settings, variable

Value = TypeVar("Value")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def setting(name: str, text: str) -> Decorator:
    """Makes the option of a setting, with its variable and its default."""
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


def operations(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options for operations: logs, metrics and traces."""
    about = {
        "otlp_endpoint": "Where spans go, e.g. http://127.0.0.1:4318/v1/traces.",
        "metrics_host": "The address of the metrics' port.",
        "metrics_port": "A port for /metrics, 0 for any; a worker's has its number on"
        " top. None without it.",
        "slow_statement_ms": "Log statements that take longer; 0 for none.",
        "log_format": "How logs are written: auto, json or console.",
    }
    for name, text in about.items():
        command = setting(name, text)(command)
    return command


def place_of_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the two options that say where the data are."""
    command = setting("database_url", "A PostgreSQL to use, postgresql://...")(command)
    return setting("data_dir", "The folder of the embedded PostgreSQL.")(command)


def parsed(parse: Callable[[str], Value]) -> Callable[..., Value | None]:
    """Makes a click callback from a parser that raises ValueError."""

    def callback(_: click.Context, __: click.Parameter, text: str | None) -> Any:
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback
