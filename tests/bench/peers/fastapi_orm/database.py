"""The engine: a pool of connections to a database by asyncpg."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECTIONS = 20


def open_engine(database_url: str) -> AsyncEngine:
    """An engine for `postgresql://...`, with as many connections as the product's."""
    url = database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    return create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
