"""Tenants, users, tokens and their usage: who calls, and what they may do.

It imports `records` and what lies below. Start reading at `access.py`.
"""
