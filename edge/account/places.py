"""The places of an account's pages, all for logged-in users."""

from types import MappingProxyType

from edge.account import (
    apps,
    audit,
    dashboard_layout,
    dashboards,
    overview,
    own_apps,
    report_change,
    report_form,
    requests,
    sandbox_form,
    sandboxes,
    token_form,
    tokens,
    usage,
    webhook_form,
    webhooks,
)
from edge.account.files import downloading, exports, import_form, imports, jobs
from edge.account.records import deleted, duplicates, history, merges
from edge.account.schema import (
    association_types,
    field_form,
    field_options,
    field_type,
    fields,
    objects,
)
from edge.account.user import UserAnswer, for_user
from edge.calls.downloads import send_file
from edge.pages.refusal import refusal_page
from edge.web import addresses
from edge.web.place import Action, Place
from edge.web.same_site import check_site
from edge.web.visit import limited, read_form, read_nothing_yet, read_query

_PAGE = (limited("pages"), read_query)
_FORM = (limited("pages"), check_site, read_form)
# The body is read by the answer itself, piece by piece.
_FILE = (limited("pages"), check_site, read_nothing_yet)


def _place(path: str, show: UserAnswer, done: UserAnswer | None = None) -> Place:
    """A page and the action of its form."""
    actions = {"GET": Action(for_user(show), _PAGE)}
    if done is not None:
        actions["POST"] = Action(for_user(done), _FORM)
    return Place(path, MappingProxyType(actions), refusal_page, cross_origin=False)


def _upload(path: str, receive: UserAnswer) -> Place:
    """An address that takes a form with a file."""
    actions = {"POST": Action(for_user(receive), _FILE)}
    return Place(path, MappingProxyType(actions), refusal_page, cross_origin=False)


def _download(path: str, begin: UserAnswer) -> Place:
    """A file."""
    actions = {"GET": Action(for_user(begin), _PAGE)}
    its = path, MappingProxyType(actions), refusal_page
    return Place(*its, cross_origin=False, follow=send_file)


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
    _place(addresses.WEBHOOKS, webhooks.show),
    _place(addresses.NEW_WEBHOOK, webhook_form.show, webhook_form.create),
    _place(addresses.WEBHOOK, webhooks.show_one, webhooks.change),
    _place(addresses.ROTATE_WEBHOOK, webhooks.ask_to_rotate, webhooks.rotate),
    _place(addresses.EDIT_WEBHOOK, webhook_form.show_edit, webhook_form.update),
    _place(addresses.DELETE_WEBHOOK, webhooks.ask_to_delete, webhooks.delete),
    _place(addresses.SANDBOXES, sandboxes.show),
    _place(addresses.NEW_SANDBOX, sandbox_form.show, sandbox_form.create),
    _place(addresses.SANDBOX, sandboxes.show_one, sandboxes.change),
    _place(addresses.RESET_SANDBOX, sandboxes.ask_to_reset, sandboxes.reset),
    _place(addresses.DELETE_SANDBOX, sandboxes.ask_to_delete, sandboxes.delete),
    _place(addresses.DASHBOARDS, dashboards.show),
    _place(addresses.NEW_DASHBOARD, dashboard_layout.show_new, dashboard_layout.create),
    _place(addresses.DASHBOARD, dashboards.show_one),
    _place(addresses.DASHBOARD_LAYOUT, dashboard_layout.show, dashboard_layout.change),
    _place(addresses.NEW_REPORT, report_form.show, report_form.create),
    _place(addresses.REPORT, report_change.show, report_change.change),
    _place(addresses.DELETE_REPORT, report_change.ask_to_delete, report_change.delete),
    _place(
        addresses.DELETE_DASHBOARD,
        dashboard_layout.ask_to_delete,
        dashboard_layout.delete,
    ),
    _place(addresses.IMPORTS, imports.show),
    _place(addresses.NEW_IMPORT, import_form.show, import_form.create),
    _place(addresses.IMPORT, imports.show_one, imports.start),
    _place(addresses.UNDO_IMPORT, imports.ask_to_undo, imports.undo),
    _upload(addresses.IMPORT_FILE, imports.upload),
    _download(addresses.IMPORT_ERRORS, downloading.errors),
    _place(addresses.EXPORTS, exports.show),
    _place(addresses.NEW_EXPORT, exports.show_new, exports.create),
    _place(addresses.EXPORT, exports.show_one),
    _download(addresses.EXPORT_FILE, downloading.export_file),
    _place(addresses.JOBS, jobs.show, jobs.cancel),
    _place(addresses.SCHEMA, objects.show, objects.restore),
    _place(addresses.NEW_OBJECT, objects.show_new, objects.create),
    _place(addresses.SCHEMA_OBJECT, fields.show, fields.change_object),
    _place(addresses.OBJECT_LABELS, objects.show_labels, objects.change_labels),
    _place(addresses.ARCHIVE_OBJECT, objects.ask_to_archive, objects.archive),
    _place(addresses.NEW_FIELD, field_form.show_new, field_form.create),
    _place(addresses.OWN_FIELD, field_form.show, field_form.update),
    _place(addresses.FIELD_TYPE, field_type.show, field_type.change),
    _place(addresses.FIELD_OPTIONS, field_options.show, field_options.change),
    _place(addresses.ARCHIVE_FIELD, fields.ask_to_archive, fields.archive),
    _place(addresses.ASSOCIATIONS, association_types.show, association_types.restore),
    _place(
        addresses.NEW_ASSOCIATION, association_types.show_new, association_types.create
    ),
    _place(
        addresses.OWN_ASSOCIATION,
        association_types.show_labels,
        association_types.change_labels,
    ),
    _place(
        addresses.ARCHIVE_ASSOCIATION,
        association_types.ask_to_archive,
        association_types.archive,
    ),
    _place(addresses.HISTORY, history.show, history.restore),
    _place(addresses.MERGES, merges.show),
    _place(addresses.UNDO_MERGE, merges.ask_to_undo, merges.undo),
    _place(addresses.DUPLICATES, duplicates.show),
    _place(addresses.MERGE_RECORDS, duplicates.ask_to_merge, duplicates.merge),
    _place(addresses.DELETED, deleted.show),
    _place(addresses.AUDIT, audit.show),
    _place(addresses.USAGE, usage.show),
    _place(addresses.REQUESTS, requests.show),
)
