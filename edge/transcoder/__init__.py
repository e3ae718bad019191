"""The transcoder: HTTP rule to route, JSON to message and message to JSON.

Nothing in it knows a contact; everything is compiled from descriptors at start.
"""
