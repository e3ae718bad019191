"""Receivers of webhooks that others wrote: published verifiers behind a proxy."""
