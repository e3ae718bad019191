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
SCHEMA = f"{ACCOUNT}/schema"
SCHEMA_OBJECT = f"{SCHEMA}/<slug>"
NEW_FIELD = f"{SCHEMA}/<slug>/new"
OWN_FIELD = f"{SCHEMA}/<slug>/<field_id>"
ARCHIVE_FIELD = f"{SCHEMA}/<slug>/<field_id>/archive"
USAGE = f"{ACCOUNT}/usage"
REQUESTS = f"{ACCOUNT}/requests"
APPS_BEFORE = "/oauth/apps"
ACCOUNT_PAGES = (
    *(ACCOUNT, USAGE, REQUESTS),
    *(TOKENS, NEW_TOKEN, REVOKE_TOKEN),
    *(APPS, NEW_APP, ROTATE_SECRET, DELETE_APP),
    *(SCHEMA, SCHEMA_OBJECT, NEW_FIELD, OWN_FIELD, ARCHIVE_FIELD),
)
FILES = "/files"
HOME = "/"
DOCS = "/docs"
SEARCH = "/docs/search"
REFERENCE = "/docs/reference"
CALLBACK = "/docs/reference/callback"
REFERENCE_APP = "/docs/reference/app"
PROBLEMS = "/problems"
