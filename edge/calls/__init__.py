"""One call of an operation: from the results of the gates to the services, and back.

Start reading at `exchange.py` and `perform.py`.
"""
