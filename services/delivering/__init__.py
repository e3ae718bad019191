"""Delivers changes to the webhooks of all tenants.

`addresses.py` says where requests may go, `sending.py` makes them, `plan.py` says when
one is tried again, and `deliverer.py` decides which process serves which webhook.
"""
