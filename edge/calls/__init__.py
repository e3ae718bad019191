"""One call of an operation: from what the gates found to the services, and back.

Start reading at `exchange.py` and `perform.py`.
"""
