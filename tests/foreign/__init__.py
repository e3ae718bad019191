"""Clients that others wrote, unmodified, as judges of OAuth; and a real browser."""
