"""The application, and the program that serves it on one process."""

import argparse
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker

from tests.bench.peers.fastapi_orm import contacts
from tests.bench.peers.fastapi_orm.database import open_engine
from tests.bench.peers.fastapi_orm.problems import answer_problems
from tests.bench.peers.sockets import bound, ready


def create_app(database_url: str) -> FastAPI:
    """The application over a database."""
    engine = open_engine(database_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(title="Contacts", lifespan=lifespan)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.state.secret = secrets.token_bytes(32)
    app.include_router(contacts.router)
    answer_problems(app)
    return app


def main() -> None:
    """Serves on any free port until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", required=True)
    app = create_app(parser.parse_args().database_url)
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
    with bound(0) as listener:
        listener.listen(1024)
        ready(listener)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
