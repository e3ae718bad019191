"""Senders: the addresses from which a tenant sends e-mail, and their verification.

Sending is in `mailing`. A sender's secrets are sealed in a table of their own: its
record never holds them, so no answer, change or history can. Start reading at
`methods.py`.
"""
