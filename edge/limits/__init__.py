"""Limits: of requests in a time, of requests in progress, and of refusals in a time.

Start reading at `rate_limit.py`.
"""
