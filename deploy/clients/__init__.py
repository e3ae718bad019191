"""The Python and TypeScript clients of the API, and the generators of their types.

The clients call the API over HTTP and import nothing of this repository. The generators
read the OpenAPI document; no other room imports them. Start reading at `__main__.py`
for the generators, and at `python/` and `typescript/` for the code written by hand.
"""
