"""Copies a tenant's definitions and records into a sandbox, and deletes whole tenants.

Nothing here passes the rules of single writes: what is copied was written by them.
"""
