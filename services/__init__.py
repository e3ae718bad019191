"""The gRPC services, the records engine and the database.

The package knows neither HTTP nor the edge; it may import only the generated
`prospectconnect`. Its rooms form layers, from `postgres` at the bottom to `crm` at the
top (see ARCHITECTURE.md). Start reading at `server.py`, which builds everything, then
`gates/interceptors.py` and `records/engine.py`.
"""
