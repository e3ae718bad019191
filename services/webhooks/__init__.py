"""Webhooks: the addresses to which a tenant has changes sent.

Sending is in `delivering`. Start reading at `methods.py`.
"""
