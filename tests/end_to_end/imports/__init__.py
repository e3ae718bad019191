"""Imports over a real socket: contents, rows, and what becomes of them."""
