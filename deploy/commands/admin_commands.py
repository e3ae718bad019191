"""The commands of administration: tenants, users and tokens.

They work while servers run. A command prints only what it made, so that a script can
read it.
"""

import sys
from datetime import timedelta

import click

from deploy.embedded.databases import administer
from deploy.options import parsed, place_of_data
from deploy.setting_texts import parse_duration, parse_rate_limit
from deploy.settings import Settings
from services import tenant_setup
from services.iam import slugs, tenants, tokens

# NIST SP 800-63B requires at least 8 characters; a login accepts at most 1,024.
_LEAST_PASSWORD, _MOST_PASSWORD = 8, 1_024
_LONGEST_NAME = 100
# The value of the option without an argument; no argument can contain this character.
_ASK = "\0"

_tenant_name = click.option("--tenant", required=True, help="The tenant's name.")
_rate_limit = click.option(
    "--rate-limit",
    metavar="N/SECONDS",
    callback=parsed(parse_rate_limit),
    help="Requests in a window, such as 1000/10s.",
)


def _token_name(text: str) -> str:
    """The name of a token, as the API takes it. Raises ValueError."""
    name = text.strip()
    if not 0 < len(name) <= _LONGEST_NAME or "\0" in name:
        raise ValueError(f"Give 1 to {_LONGEST_NAME} characters.")
    return name


def _read_password(
    _: click.Context, __: click.Parameter, given: str | None
) -> str | None:
    """The password from the option, the prompt, or standard input."""
    if given is None:
        return None
    if given == _ASK:
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    elif given == "-":
        given = sys.stdin.readline().rstrip("\r\n")
    if not _LEAST_PASSWORD <= len(given) <= _MOST_PASSWORD or "\0" in given:
        raise click.BadParameter(
            f"Give {_LEAST_PASSWORD} to {_MOST_PASSWORD:,} characters."
        )
    return given


@click.group()
def tenant() -> None:
    """Tenants: businesses, each with data of its own."""


@tenant.command("create")
@click.option("--name", required=True, help="A name that no other tenant has.")
@_rate_limit
@place_of_data
def create_tenant(
    name: str, rate_limit: tuple[int, int] | None, **place: object
) -> None:
    """Creates a tenant and prints its id."""
    settings = Settings.read(**place)
    click.echo(
        administer(
            settings, lambda db: tenant_setup.create_tenant(db, name, rate_limit)
        )
    )


@tenant.command("set")
@click.option("--name", required=True, help="The tenant's name.")
@click.option(
    "--rate-limit",
    metavar="N/SECONDS",
    callback=parsed(parse_rate_limit),
    help="The budget that all its tokens share, such as 1000/10s.",
)
@click.option(
    "--slug",
    help="Its name in public addresses, such as acme. Those with the name before end.",
)
@place_of_data
def set_tenant(
    name: str, rate_limit: tuple[int, int] | None, slug: str | None, **place: object
) -> None:
    """Changes a tenant's rate limit or slug, within a second and everywhere."""
    if rate_limit is None and slug is None:
        raise click.UsageError("Give --rate-limit or --slug.")
    settings = Settings.read(**place)
    if slug is not None:
        named = slug
        administer(settings, lambda db: slugs.set_slug(db, name, named))
    if rate_limit is not None:
        limit = rate_limit
        administer(settings, lambda db: tenants.set_rate_limit(db, name, limit))


@click.group()
def user() -> None:
    """Users: the people of a tenant."""


@user.command("create")
@_tenant_name
@click.option("--email", required=True, help="The user's e-mail address.")
@click.option("--role", required=True, help="owner, admin, manager, member, viewer.")
@click.option(
    "--password",
    is_flag=False,
    flag_value=_ASK,
    callback=_read_password,
    help="For signing in on pages; without one they cannot. --password alone asks for"
    " it, --password - reads a line from standard input: others on the machine can see"
    f" arguments. {_LEAST_PASSWORD} characters or more.",
)
@click.option("--name", help="The user's name; default: their address up to the @.")
@place_of_data
def create_user(  # every part of a user
    tenant: str,
    email: str,
    role: str,
    password: str | None,
    name: str | None,
    **place: object,
) -> None:
    """Creates a user and prints their id."""
    settings = Settings.read(**place)
    click.echo(
        administer(
            settings,
            lambda db: tenants.create_user(db, tenant, email, role, password, name),
        )
    )


@user.command("deactivate")
@_tenant_name
@click.option("--email", required=True, help="The user's e-mail address.")
@place_of_data
def deactivate_user(tenant: str, email: str, **place: object) -> None:
    """Deactivates a user; all their tokens are refused within a second."""
    settings = Settings.read(**place)
    administer(settings, lambda db: tenants.deactivate_user(db, tenant, email))


@click.group()
def token() -> None:
    """Personal access tokens."""


@token.command("create")
@_tenant_name
@click.option("--user", required=True, help="The user's e-mail address.")
@click.option("--scopes", required=True, help='Such as "contact.all deal.read".')
@click.option(
    "--expires-in",
    metavar="DURATION",
    callback=parsed(parse_duration),
    help="Such as 12h or 30d; without it the token does not end by itself.",
)
@click.option(
    "--name",
    callback=parsed(_token_name),
    help="What the list of tokens calls it, at most 100 characters.",
)
@_rate_limit
@place_of_data
def create_token(  # every part of a token
    tenant: str,
    user: str,
    scopes: str,
    expires_in: timedelta | None,
    name: str | None,
    rate_limit: tuple[int, int] | None,
    **place: object,
) -> None:
    """Creates a token and prints it. It is never shown again."""
    settings = Settings.read(**place)
    wanted = scopes.replace(",", " ").split()
    click.echo(
        administer(
            settings,
            lambda db: tokens.issue_token(
                db, tenant, user, wanted, expires_in, rate_limit, name=name
            ),
        )
    )


@token.command("revoke")
@click.option("--token", "secret", required=True, help="The token itself.")
@place_of_data
def revoke_token(secret: str, **place: object) -> None:
    """Revokes a token; it is refused within a second."""
    settings = Settings.read(**place)
    administer(settings, lambda db: tokens.revoke_token(db, secret))
