"""The command line `pcrm`: the API from a shell.

The commands of resources are made from files that are generated from the OpenAPI
document. What no single operation does has modules of its own: login, import, export,
following changes, and schemas. Start reading at `start.py`, then `tree.py`.

A module imports at its top only what is fast to import, because each key press of a
completion starts the program: the client and rich are imported where they are used.
"""
