"""The transcoder: HTTP rule to route, JSON to message and message to JSON.

It contains no code for a particular kind of record: everything is compiled from
descriptors at start.
"""
