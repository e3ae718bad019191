"""The places of an account's pages, all for logged-in users."""

from types import MappingProxyType

from edge.account import (
    apps,
    overview,
    own_apps,
    requests,
    schema,
    schema_form,
    token_form,
    tokens,
    usage,
)
from edge.account.user import UserAnswer, for_user
from edge.pages.refusal import refusal_page
from edge.web import addresses
from edge.web.place import Action, Place
from edge.web.same_site import check_site
from edge.web.visit import limited, read_form, read_query

_PAGE = (limited("pages"), read_query)
_FORM = (limited("pages"), check_site, read_form)


def _place(path: str, show: UserAnswer, done: UserAnswer | None = None) -> Place:
    """A page and the action of its form."""
    actions = {"GET": Action(for_user(show), _PAGE)}
    if done is not None:
        actions["POST"] = Action(for_user(done), _FORM)
    return Place(path, MappingProxyType(actions), refusal_page, cross_origin=False)


PLACES = (
    _place(addresses.ACCOUNT, overview.show),
    _place(addresses.TOKENS, tokens.show),
    _place(addresses.NEW_TOKEN, token_form.show, token_form.create),
    _place(addresses.REVOKE_TOKEN, tokens.ask_to_revoke, tokens.revoke),
    _place(addresses.APPS, apps.show, apps.end_access),
    _place(addresses.APPS_BEFORE, apps.moved, apps.end_access),
    _place(addresses.NEW_APP, own_apps.show_form, own_apps.create),
    _place(addresses.ROTATE_SECRET, own_apps.ask_to_rotate, own_apps.rotate),
    _place(addresses.DELETE_APP, own_apps.ask_to_delete, own_apps.delete),
    _place(addresses.SCHEMA, schema.show),
    _place(addresses.SCHEMA_OBJECT, schema.show_object, schema.change_object),
    _place(addresses.NEW_FIELD, schema_form.show_new, schema_form.create),
    _place(addresses.OWN_FIELD, schema_form.show, schema_form.update),
    _place(addresses.ARCHIVE_FIELD, schema.ask_to_archive, schema.archive),
    _place(addresses.USAGE, usage.show),
    _place(addresses.REQUESTS, requests.show),
)
