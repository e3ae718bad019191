"""Where the pages are."""

LOGIN = "/oauth/login"
LOGOUT = "/oauth/logout"
CONSENT = "/oauth/consent"
APPS = "/oauth/apps"
FILES = "/files"
