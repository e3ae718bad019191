"""Serving outside `/v1`: places with their gates, and pages with their files.

Most of these requests have no token, so limits go by the network address. The rooms
above it answer them. Start reading at `place.py`.
"""
