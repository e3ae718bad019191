"""Who calls: the caller behind a bearer token, asked of the services and cached.

Start reading at `caller.py`.
"""
