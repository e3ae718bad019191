"""Tells all tenants' changes to another system, in order, from where it stopped.

Start reading at `relaying.py`.
"""
