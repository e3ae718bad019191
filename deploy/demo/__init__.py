"""The demonstration data: a tenant with users, companies, contacts, deals and notes.

The data are random with a fixed seed, and are loaded by COPY in seconds. The room may
import `services` and the rooms of `deploy` below it. Start reading at `loading.py`.
"""
