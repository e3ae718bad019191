"""The edge: HTTP and JSON in, gRPC out.

It owns no database and no rule about records; what a method takes, gives and
demands it reads from the protos.
"""
