"""`login` and `logout`."""

import sys
import webbrowser

import click

from pcrm import store
from pcrm.exits import NOT_LOGGED_IN, CommandFailed
from pcrm.options import URL
from pcrm.session import address_of, check_safe
from pcrm.telling import say

_url = click.option("--url", URL, metavar="URL", help="The address of the API.")


@click.command("login", short_help="Log in with the browser")
@_url
@click.option("--scopes", help='The scopes, e.g. "contact.read deal.all"; all of them.')
@click.option("--no-browser", is_flag=True, help="Prints the address to open.")
@click.option("--with-token", is_flag=True, help="Reads a token from standard input.")
@click.option(
    "--patience",
    type=click.IntRange(1, 3600),
    default=300,
    show_default=True,
    help="How many seconds to wait for the browser.",
)
def login_command(
    _url: str | None,
    scopes: str | None,
    no_browser: bool,
    with_token: bool,
    patience: int,
) -> None:
    """Logs in with the browser, and keeps the login for the next commands.

    It is kept in the system's keyring, if the package keyring is installed and there is
    one, else in a file that only you can read. pcrm logout ends it.
    """
    address = address_of(_url)
    check_safe(address)
    before = store.login_at(address)
    if with_token:
        login = store.Login(sys.stdin.read().strip())
    else:
        from pcrm.oauth import logged_in

        opened = _print_page if no_browser else _open_page
        login = logged_in(address, scopes, opened, float(patience))
    _check(address, login)
    with store.locked():
        where = store.keep(address, login)
    if before is not None:
        _end(address, before)
    say(f"The login is in {'the ' if where == 'keyring' else ''}{where}.", "2")


@click.command("logout", short_help="End the login and forget it")
@_url
def logout_command(_url: str | None) -> None:
    """Ends the login: its tokens are refused from now on, and it is forgotten here."""
    address = address_of(_url)
    login = store.login_at(address)
    if login is None:
        raise CommandFailed(f"You are not logged in at {address}.", NOT_LOGGED_IN)
    with store.locked():
        store.forget(address)
    _end(address, login)
    say(f"You are logged out of {address}.")


def _check(address: str, login: store.Login) -> None:
    """Tells who is logged in. Raises CommandFailed if the token is not valid."""
    from pcrm.failures import translated
    from prospectconnect_client import ProspectConnect

    with translated("pcrm login"), ProspectConnect(login.token, address) as client:
        me = client.me.get()
    name, business = me["user"]["email"], me["business"]["name"]
    say(f"You are {name} of {business} at {address}, as {me['role']}.")


def _end(address: str, login: store.Login) -> None:
    from pcrm.oauth import ended

    try:
        ended(address, login)
    except CommandFailed as failure:  # it is forgotten here in any case
        say(f"The server did not end the login before: {failure.message}")


def _open_page(page: str) -> None:
    say("The browser opens. If it does not, open this address:")
    say(page, "4")
    webbrowser.open(page)


def _print_page(page: str) -> None:
    say("Open this address in a browser on this machine:")
    say(page, "4")
