"""The gates that every call passes; `edge.app` holds their order.

Start reading at `checks.py`.
"""
