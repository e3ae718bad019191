"""OAuth 2.1 for apps: registration, consent, codes, tokens and sessions.

The edge speaks HTTP to apps and browsers; what is decided and kept is here. Start
reading at `service.py`.
"""
