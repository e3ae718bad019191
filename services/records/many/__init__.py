"""Statements that write many records at once, outside the command of one record."""
