"""Reads contents and cells of imports."""
