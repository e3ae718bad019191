"""The program `prospectconnect`: its commands, and how it fails.

A command that fails prints one line on standard error, and exits with 1.
"""

import sys

import click

from deploy.commands.admin_commands import tenant, token, user
from deploy.commands.audit_commands import app, audit_log
from deploy.commands.doctor_command import doctor
from deploy.commands.openapi_command import openapi
from deploy.commands.pipeline_commands import pipeline
from deploy.commands.secret_commands import secret
from deploy.commands.serve_commands import edge, migrate, serve, services
from deploy.doctor.health_check import health
from deploy.errors import DeployError
from deploy.progress import fail
from deploy.signals import exit_on_signals
from deploy.standard_streams import open_missing
from services.errors import ServiceError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prospectconnect")
def commands() -> None:
    """ProspectConnect's public API: a CRM's records over REST and gRPC.

    Every option is also a variable PROSPECTCONNECT_..., as its help says.
    """


for _command in (
    *(serve, services, edge, migrate, health),
    *(tenant, user, token, pipeline, app, audit_log, openapi, doctor, secret),
):
    commands.add_command(_command)


def main() -> None:
    """Runs the command that the arguments name."""
    open_missing()
    exit_on_signals()
    try:
        commands(prog_name="prospectconnect")
    except DeployError as error:
        fail(str(error))
        sys.exit(1)
    except ServiceError as error:
        cause = "" if error.__cause__ is None else f" ({error.__cause__})"
        fail(f"{error.message}{cause}")
        sys.exit(1)


if __name__ == "__main__":
    main()
