"""Statements on many records at once, outside the command of one; merged ids."""
