"""The program `prospectconnect`: its commands, and how it fails.

A command that fails prints one line on standard error, and exits with 1.
"""

import sys

import click

from deploy.commands.lazy_group import LazyGroup
from deploy.errors import DeployError
from deploy.progress import fail
from deploy.signals import exit_on_signals
from deploy.standard_streams import open_missing
from services.errors import ServiceError

_COMMANDS = {
    "serve": "deploy.commands.serve_commands:serve",
    "services": "deploy.commands.serve_commands:services",
    "edge": "deploy.commands.serve_commands:edge",
    "relay": "deploy.commands.relay_command:relay",
    "worker": "deploy.commands.serve_commands:worker",
    "migrate": "deploy.commands.serve_commands:migrate",
    "health": "deploy.doctor.health_check:health",
    "tenant": "deploy.commands.admin_commands:tenant",
    "user": "deploy.commands.admin_commands:user",
    "token": "deploy.commands.admin_commands:token",
    "pipeline": "deploy.commands.pipeline_commands:pipeline",
    "app": "deploy.commands.audit_commands:app",
    "audit": "deploy.commands.audit_commands:audit_log",
    "openapi": "deploy.commands.openapi_command:openapi",
    "doctor": "deploy.commands.doctor_command:doctor",
    "secret": "deploy.commands.secret_commands:secret",
}


@click.group(
    cls=LazyGroup,
    places=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="prospectconnect")
def commands() -> None:
    """ProspectConnect's public API: a CRM's records over REST and gRPC.

    Every option is also a variable PROSPECTCONNECT_..., as its help says.
    """


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
