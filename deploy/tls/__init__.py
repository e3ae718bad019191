"""TLS: which kind the settings ask for, and the contexts that serve it."""
