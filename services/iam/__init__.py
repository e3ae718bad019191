"""Identity and access: tenants, users, tokens, OAuth, logins and usage.

The room answers who calls and what they may do. It may import `search`, `records` and
what lies below, and no domain. Start reading at `access.py`, which turns a token into
a caller; `oauth/` holds what apps and browsers need.
"""
