"""The gates of a call: token, limits, contract, permissions and body.

`edge.answering` holds their order. Start reading at `checks.py`.
"""
