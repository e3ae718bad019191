"""The command `doctor`: one line for each check, and what to do."""

import asyncio
import json
import sys
from dataclasses import asdict

import click
from rich.console import Console

from deploy.doctor.checks import (
    of_authorities,
    of_database,
    of_files,
    of_folder,
    of_public_url,
    of_tls,
)
from deploy.doctor.network import of_edge_secret, of_ports, of_services
from deploy.errors import DeployError
from deploy.options import place_of_data, setting, tls_of
from deploy.settings import Settings
from services.postgres.examination import Finding, failed

_SIGNS = {"ok": ("ok", "green"), "warning": ("!!", "yellow"), "failed": ("no", "red")}


@click.command()
@setting("host", "The address that is listened on.")
@setting("http_port", "The port of the HTTP API.")
@setting("grpc_port", "The port of the gRPC services.")
@setting("metrics_port", "The port of the metrics, if any.")
@tls_of("HTTP", "http_tls")
@tls_of("gRPC", "grpc_tls")
@setting("public_url", "Where clients reach the API.")
@setting("services", "Look at an edge of these services, HOST:PORT, not at a database.")
@setting("services_tls_ca", "The CA whose services are believed (PEM).")
@place_of_data
@setting("files", "Where files lie: a folder, or s3://bucket/prefix.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def doctor(as_json: bool, **flags: object) -> None:
    """Checks what commonly goes wrong and says what to do.

    Give it the options, or the variables, of the process that it is about. It exits
    with 1 when a check fails; a warning is none.
    """
    findings = asyncio.run(_look(Settings.read(**flags)))
    is_well = all(finding.level != "failed" for finding in findings)
    if as_json:
        found = {"ok": is_well, "findings": [asdict(each) for each in findings]}
        click.echo(json.dumps(found))
    else:
        _print(findings)
    sys.exit(0 if is_well else 1)


async def _look(settings: Settings) -> list[Finding]:
    findings = [*of_folder(settings), of_public_url(settings), *of_tls(settings)]
    findings.append(of_edge_secret(settings))
    findings += await asyncio.to_thread(lambda: list(of_ports(settings)))
    if settings.services is None:
        return [
            *findings,
            of_authorities(),
            await of_files(settings),
            *await of_database(settings),
        ]
    try:
        return [*findings, await of_services(settings)]
    except DeployError as error:
        return [*findings, failed("services", str(error), "See tls above.")]


def _print(findings: list[Finding]) -> None:
    console = Console()
    width = max(len(each.name) for each in findings)
    for each in findings:
        sign, color = _SIGNS[each.level]
        console.print(sign, style=color, end="  ")
        text = f"{each.name:{width}}  {each.text}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)
        if each.remedy:
            text = f"{'':{width + 4}}  {each.remedy}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
