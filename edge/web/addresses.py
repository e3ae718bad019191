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
USAGE = f"{ACCOUNT}/usage"
REQUESTS = f"{ACCOUNT}/requests"
APPS_BEFORE = "/oauth/apps"
ACCOUNT_PAGES = (
    *(ACCOUNT, USAGE, REQUESTS),
    *(TOKENS, NEW_TOKEN, REVOKE_TOKEN),
    *(APPS, NEW_APP, ROTATE_SECRET, DELETE_APP),
)
FILES = "/files"
HOME = "/"
DOCS = "/docs"
SEARCH = "/docs/search"
REFERENCE = "/docs/reference"
CALLBACK = "/docs/reference/callback"
REFERENCE_APP = "/docs/reference/app"
PROBLEMS = "/problems"
