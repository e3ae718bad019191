"""One call of an operation, from its exchange with a client to the services and back.

Start reading at `exchange.py` and `perform.py`.
"""
