"""OAuth 2.1 for apps: registration, consent, codes, tokens and sessions.

The edge speaks HTTP with apps and browsers; this room decides and stores. It may import
the rest of `iam` and what lies below. Start reading at `service.py`, which lists the
services, then `authorizations.py` and `redemptions.py`.
"""
