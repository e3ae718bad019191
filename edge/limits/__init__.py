"""How much is let through: rate limits, calls under way, the pace of refusals.

Start reading at `rate_limit.py`.
"""
