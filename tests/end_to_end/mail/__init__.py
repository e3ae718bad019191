"""E-mail, over HTTP."""
