"""The embedded PostgreSQL: its programs, its folder, its watch.

Start reading at `postgres.py`.
"""
