"""The addresses of the pages."""

LOGIN = "/oauth/login"
LOGOUT = "/oauth/logout"
CONSENT = "/oauth/consent"
ACCOUNT = "/account"
TOKENS = f"{ACCOUNT}/tokens"
NEW_TOKEN = f"{TOKENS}/new"
REVOKE_TOKEN = f"{TOKENS}/<token_id>/revoke"
APPS = f"{ACCOUNT}/apps"
NEW_APP = f"{APPS}/new"
ROTATE_SECRET = f"{APPS}/<client_id>/secret"
DELETE_APP = f"{APPS}/<client_id>/delete"
WEBHOOKS = f"{ACCOUNT}/webhooks"
NEW_WEBHOOK = f"{WEBHOOKS}/new"
WEBHOOK = f"{WEBHOOKS}/<webhook_id>"
ROTATE_WEBHOOK = f"{WEBHOOKS}/<webhook_id>/secret"
DELETE_WEBHOOK = f"{WEBHOOKS}/<webhook_id>/delete"
EDIT_WEBHOOK = f"{WEBHOOKS}/<webhook_id>/edit"
SANDBOXES = f"{ACCOUNT}/sandboxes"
NEW_SANDBOX = f"{SANDBOXES}/new"
SANDBOX = f"{SANDBOXES}/<sandbox_id>"
RESET_SANDBOX = f"{SANDBOXES}/<sandbox_id>/reset"
DELETE_SANDBOX = f"{SANDBOXES}/<sandbox_id>/delete"
DASHBOARDS = f"{ACCOUNT}/dashboards"
DASHBOARD = f"{DASHBOARDS}/<dashboard_id>"
NEW_DASHBOARD = f"{DASHBOARDS}/new"
DASHBOARD_LAYOUT = f"{DASHBOARDS}/<dashboard_id>/layout"
NEW_REPORT = f"{DASHBOARDS}/<dashboard_id>/new-report"
DELETE_DASHBOARD = f"{DASHBOARDS}/<dashboard_id>/delete"
REPORT = f"{DASHBOARDS}/<dashboard_id>/reports/<report_id>"
DELETE_REPORT = f"{REPORT}/delete"
IMPORTS = f"{ACCOUNT}/imports"
NEW_IMPORT = f"{IMPORTS}/new"
IMPORT = f"{IMPORTS}/<import_id>"
IMPORT_FILE = f"{IMPORTS}/<import_id>/file"
IMPORT_ERRORS = f"{IMPORTS}/<import_id>/errors.csv"
UNDO_IMPORT = f"{IMPORTS}/<import_id>/undo"
EXPORTS = f"{ACCOUNT}/exports"
NEW_EXPORT = f"{EXPORTS}/new"
EXPORT = f"{EXPORTS}/<export_id>"
EXPORT_FILE = f"{EXPORTS}/<export_id>/files/<number>"
JOBS = f"{ACCOUNT}/jobs"
SCHEMA = f"{ACCOUNT}/schema"
NEW_OBJECT = f"{SCHEMA}/new-object"  # no slug has a hyphen
SCHEMA_OBJECT = f"{SCHEMA}/<slug>"
OBJECT_LABELS = f"{SCHEMA}/<slug>/labels"
ARCHIVE_OBJECT = f"{SCHEMA}/<slug>/archive"
NEW_FIELD = f"{SCHEMA}/<slug>/new"
OWN_FIELD = f"{SCHEMA}/<slug>/fields/<field_id>"
FIELD_TYPE = f"{SCHEMA}/<slug>/fields/<field_id>/type"
FIELD_OPTIONS = f"{SCHEMA}/<slug>/fields/<field_id>/options"
ARCHIVE_FIELD = f"{SCHEMA}/<slug>/fields/<field_id>/archive"
ASSOCIATIONS = f"{ACCOUNT}/associations"
NEW_ASSOCIATION = f"{ASSOCIATIONS}/new"
OWN_ASSOCIATION = f"{ASSOCIATIONS}/types/<type_id>"
ARCHIVE_ASSOCIATION = f"{ASSOCIATIONS}/types/<type_id>/archive"
HISTORY = f"{ACCOUNT}/history"
MERGES = f"{ACCOUNT}/merges"
UNDO_MERGE = f"{MERGES}/<merge_id>/undo"
DUPLICATES = f"{ACCOUNT}/duplicates"
MERGE_RECORDS = f"{DUPLICATES}/merge"
DELETED = f"{ACCOUNT}/deleted"
AUDIT = f"{ACCOUNT}/audit"
USAGE = f"{ACCOUNT}/usage"
REQUESTS = f"{ACCOUNT}/requests"
APPS_BEFORE = "/oauth/apps"
ACCOUNT_PAGES = (
    *(ACCOUNT, USAGE, REQUESTS),
    *(TOKENS, NEW_TOKEN, REVOKE_TOKEN),
    *(APPS, NEW_APP, ROTATE_SECRET, DELETE_APP),
    *(WEBHOOKS, NEW_WEBHOOK, WEBHOOK, ROTATE_WEBHOOK, DELETE_WEBHOOK, EDIT_WEBHOOK),
    *(SANDBOXES, NEW_SANDBOX, SANDBOX, RESET_SANDBOX, DELETE_SANDBOX),
    *(SCHEMA, NEW_OBJECT, SCHEMA_OBJECT, OBJECT_LABELS, ARCHIVE_OBJECT),
    *(NEW_FIELD, OWN_FIELD, FIELD_TYPE, FIELD_OPTIONS, ARCHIVE_FIELD),
    *(ASSOCIATIONS, NEW_ASSOCIATION, OWN_ASSOCIATION, ARCHIVE_ASSOCIATION),
    *(HISTORY, MERGES, UNDO_MERGE, DUPLICATES, MERGE_RECORDS, DELETED, AUDIT),
    *(DASHBOARDS, NEW_DASHBOARD, DASHBOARD, DASHBOARD_LAYOUT, NEW_REPORT),
    *(DELETE_DASHBOARD, REPORT, DELETE_REPORT),
    *(IMPORTS, NEW_IMPORT, IMPORT, IMPORT_ERRORS, UNDO_IMPORT),
    *(EXPORTS, NEW_EXPORT, EXPORT, EXPORT_FILE, JOBS),
)
VERIFY_SENDER = "/senders/verify/<secret>"
FILES = "/files"
HOME = "/"
DOCS = "/docs"
SEARCH = "/docs/search"
HELPFUL = "/docs/helpful"
STATUS = "/status"
REFERENCE = "/docs/reference"
POSTMAN, BRUNO = "postman.json", "bruno.zip"  # below the reference of a contract
CALLBACK = "/docs/reference/callback"
REFERENCE_APP = "/docs/reference/app"
PROBLEMS = "/problems"
