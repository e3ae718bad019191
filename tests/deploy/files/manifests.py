"""What deployment files say of the program, held against the program itself."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import click
import yaml

from deploy.commands.command_line import commands
from deploy.settings import PREFIX, Settings, variable

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"

Document = dict[str, Any]


def read_documents(path: Path) -> list[Document]:
    """Reads a YAML file of one document or several."""
    return list(yaml.safe_load_all(path.read_text()))


@contextmanager
def only_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Hides the settings that whoever runs the tests has, and shows these."""
    kept = {name: text for name, text in os.environ.items() if PREFIX not in name}
    with mock.patch.dict(os.environ, {**kept, **variables}, clear=True):
        yield


def settings_of(variables: Mapping[str, str]) -> Settings:
    """The settings that variables make. Raises SettingsError for one that is none.

    The folder of secrets is left out: an engine mounts it, and none runs here.
    """
    ours = {name: text for name, text in variables.items() if PREFIX in name}
    ours.pop(variable("secrets_dir"), None)
    with only_variables(ours):
        return Settings.read()


def check_arguments(arguments: Sequence[str]) -> None:
    """Has the program's own parser read arguments. Raises click.ClickException."""
    with click.Context(commands) as context:
        name, command, rest = commands.resolve_command(context, list(arguments))
        assert command is not None
        command.make_context(name, rest, parent=context)
