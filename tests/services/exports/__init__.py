"""Exports without a database: their formats."""
