"""The API for assistants: its operations as tools of the Model Context Protocol.

A tool call passes the gates of `/v1` and uses the same code upstream. This room only
reads the protocol's requests and writes its results, without state between requests.
"""
