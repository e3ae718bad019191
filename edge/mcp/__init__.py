"""The API for assistants: its operations as tools of the Model Context Protocol.

A tool's call passes the gates of `/v1` and goes the same way upstream; this room knows
how it is asked for and how it is told. Nothing is kept between two requests.
"""
