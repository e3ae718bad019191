"""Builds every service. It names all rooms; begin with `services.py`."""
