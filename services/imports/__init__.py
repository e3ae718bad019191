"""Imports as clients see them: begun, sent, searched. `services/importing` runs them.

Start reading at `methods.py`.
"""
