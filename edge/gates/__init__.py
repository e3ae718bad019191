"""The gates of a call: token, limits, contract, permissions and body.

`edge.app` holds their order. Start reading at `checks.py`.
"""
