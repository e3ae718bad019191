"""Sandboxes: tenants of their own beside the live one, made, reset and deleted.

A sandbox is a record of its live tenant, and a tenant whose row names that one. What is
left to do for it stands in its row: any process goes on where another one stopped.
"""
