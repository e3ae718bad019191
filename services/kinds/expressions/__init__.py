"""Expressions of formulas: a part of CEL, read, checked and evaluated in bounded time.

It knows no record: fields are names with kinds, and values by these names.
"""
