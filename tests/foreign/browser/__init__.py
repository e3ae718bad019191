"""Chromium as a person uses it, and axe on every page."""
