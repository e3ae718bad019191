"""The same API for contacts, written in today's usual way: FastAPI, Pydantic models,
SQLAlchemy's asynchronous ORM over asyncpg, uvicorn with uvloop and httptools.

It has tokens, scopes, roles, dated versions, idempotency keys that commit with the
record, a timeline, ETags and problem documents. It lacks filters, text search, rate
limits, traces and older contracts.
"""
