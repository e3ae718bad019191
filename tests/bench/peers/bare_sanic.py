"""The floor: Sanic and asyncpg answer what the product answers, and do nothing else.

No token, no limit, no version, no rule: whoever asks gets the rows of the one tenant
that is named at start. It is what remains of a request when all promises are taken
away, written as plainly and as fast as these two libraries allow.
"""

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
from sanic import HTTPResponse, Request, Sanic

from tests.bench.peers.sockets import bound, ready

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Link = asyncpg.Connection[asyncpg.Record]

CONNECTIONS = 20

COLUMNS = (
    "id, first_name, last_name, name, email, phone, company_id, job_title,"
    " lifecycle_stage, lead_score, source, owner_id, tags, address1, city, state,"
    " postal_code, country, time_zone, custom_fields,"
    " coalesce(external_ids, '{}') AS external_ids,"
    " last_contacted_at, created_at, updated_at, created_by"
)
GET = (
    f"SELECT {COLUMNS} FROM contacts"
    " WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL"
)
SEARCH = (
    f"SELECT {COLUMNS} FROM contacts WHERE business_id = $1 AND deleted_at IS NULL"
    " ORDER BY created_at DESC, id DESC LIMIT "
)
STAGES = ("", "subscriber", "lead", "qualified", "opportunity", "customer", "other")

to_json = partial(orjson.dumps, option=orjson.OPT_UTC_Z)


async def prepare(link: "Link") -> None:
    """Makes a connection decode JSON to Python values, with sorted keys."""
    await link.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",  # a version byte and the text
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: dict(sorted(orjson.loads(data[1:]).items())),
    )


async def leave(_: "Link") -> None:
    """Omits the pool's reset of a connection, like the product."""


def contact(row: asyncpg.Record) -> dict[str, Any]:
    """A row in the form of the API."""
    found = dict(row)
    found["lifecycle_stage"] = STAGES[found["lifecycle_stage"]]
    return found


def build(database_url: str, business_id: str, cursor: str) -> Sanic[Any, Any]:
    """The application for one tenant; every page except the last has `cursor` as next.

    The product seals a cursor for each answer; here it is passed in.
    """
    app: Sanic[Any, Any] = Sanic("bare")

    @app.before_server_start
    async def connect(app: Sanic[Any, Any]) -> None:
        app.ctx.pool = await asyncpg.create_pool(
            database_url,
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            init=prepare,
            reset=leave,
        )

    @app.after_server_stop
    async def disconnect(app: Sanic[Any, Any]) -> None:
        await app.ctx.pool.close()

    @app.get("/v1/contacts/<contact_id:str>")
    async def get_contact(_: Request, contact_id: str) -> HTTPResponse:
        row = await app.ctx.pool.fetchrow(GET, business_id, contact_id)
        if row is None:
            return HTTPResponse(status=404)
        return HTTPResponse(to_json(contact(row)), content_type="application/json")

    @app.post("/v1/contacts/search")
    async def search_contacts(request: Request) -> HTTPResponse:
        limit = int(orjson.loads(request.body)["limit"])
        rows = await app.ctx.pool.fetch(f"{SEARCH}{limit + 1}", business_id)
        more = len(rows) > limit
        found = {
            "data": [contact(row) for row in rows[:limit]],
            "meta": {"cursor": {"next": cursor if more else None, "has_more": more}},
        }
        return HTTPResponse(to_json(found), content_type="application/json")

    return app


def main() -> None:
    """Serves according to the command line until a signal; reports when it is ready."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--database-url", "--business-id", "--cursor"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    app = build(given.database_url, given.business_id, given.cursor)
    with bound(given.port) as listener:

        @app.after_server_start
        async def announce(_: Sanic[Any, Any]) -> None:
            ready(listener)

        app.prepare(sock=listener, single_process=True, access_log=False, motd=False)
        Sanic.serve_single(app)


if __name__ == "__main__":
    main()
