"""The peers answer the same as the product, so that their costs are comparable.

Envoy is not tested here: it is only installed for the benchmark, which compares its
answers in each run.
"""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.bench import agreement, programs
from tests.bench import operations as op
from tests.bench.load import WrongAnswer, load
from tests.bench.rows import Rows, load_rows
from tests.bench.subjects import BARE, FASTAPI, PRODUCT, described
from tests.client import Answer, Client
from tests.stacks import Stack

CONTACTS = 60
PERSON = {"email": "ada@example.org"}


@pytest.fixture(scope="module")
def product(running_stacks: Callable[[str], Stack]) -> str:
    return running_stacks("together").http


@pytest.fixture(scope="module")
def rows(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return load_rows(tmp_path_factory.mktemp("bench"), database_url, 0, CONTACTS)


@pytest.fixture(scope="module")
def bare(product: str, rows: Rows) -> Iterator[str]:
    (process,) = programs.bare_sanic(rows, product)
    yield process.http
    process.stop()


@pytest.fixture(scope="module")
def fastapi(rows: Rows) -> Iterator[str]:
    process = programs.fastapi(rows)
    yield process.http
    process.stop()


def test_the_peers_answer_as_the_product_does(
    rows: Rows, product: str, bare: str, fastapi: str
) -> None:
    peers = (PRODUCT, product), (BARE, bare), (FASTAPI, fastapi)
    agreement.check(rows, [described(name, http) for name, http in peers])


def test_a_peer_that_reads_otherwise_is_found(
    rows: Rows, product: str, fastapi: str
) -> None:
    not_the_same_bytes = described(BARE, fastapi)
    with pytest.raises(WrongAnswer, match=BARE):
        agreement.check(rows, [described(PRODUCT, product), not_the_same_bytes])


def test_a_peer_that_writes_otherwise_is_found(
    rows: Rows, product: str, bare: str
) -> None:
    without_writes = described(FASTAPI, bare)
    with pytest.raises(WrongAnswer, match="written"):
        agreement.check(rows, [described(PRODUCT, product), without_writes])


@pytest.mark.parametrize("operation", op.OPERATIONS)
def test_the_product_gives_all_the_answers_that_are_measured(
    rows: Rows, product: str, operation: str
) -> None:
    next_exchange = op.exchanges(operation, product, rows)
    assert load(product, next_exchange, lambda: None, 60, most=50).requests == 50


@pytest.mark.parametrize("operation", op.COMPARED)
def test_fastapi_gives_all_the_answers_that_are_measured(
    rows: Rows, fastapi: str, operation: str
) -> None:
    next_exchange = op.exchanges(operation, fastapi, rows)
    assert load(fastapi, next_exchange, lambda: None, 60, most=50).requests == 50


@pytest.mark.parametrize("sort_direction", ["asc", "desc"])
@pytest.mark.parametrize("order_by", ["created_at", "updated_at", "lead_score"])
def test_fastapi_pages_as_the_product_does(
    rows: Rows, product: str, fastapi: str, order_by: str, sort_direction: str
) -> None:
    query = {"limit": 17, "order_by": order_by, "sort_direction": sort_direction}
    read = []
    for address in (product, fastapi):
        with closing(Client(address, rows.read.tokens["owner"])) as client:
            read.append(client.pages("/contacts", **query))
    assert read[0] == read[1]
    assert len(read[0]) == CONTACTS


def _reused_key(client: Client) -> Answer:
    client.post("/contacts", PERSON, idempotency_key="one")
    return client.post("/contacts", {"email": "bob@example.org"}, idempotency_key="one")


def _stale_etag(client: Client) -> Answer:
    contact = client.create("/contacts", PERSON)["id"]
    return client.patch(f"/contacts/{contact}", {"city": "Bath"}, if_match='"7"')


def _forged_cursor(client: Client) -> Answer:
    return client.post("/contacts/search", {"cursor": "WyIyMDI2IiwiY29uXzAiXQ"})


def _without_address(client: Client) -> Answer:
    contact = client.create("/contacts", PERSON)["id"]
    return client.patch(f"/contacts/{contact}", {"email": None})


REFUSED: dict[str, tuple[int, Callable[[Client], Answer]]] = {
    "no token": (401, lambda client: client.get("/contacts/con_0", authorization="")),
    "no bearer": (401, lambda client: client.get("/contacts/con_0", authorization="x")),
    "an unknown token": (
        401,
        lambda client: client.get("/contacts/con_0", authorization="Bearer pcp_x"),
    ),
    "no date": (400, lambda client: client.get("/contacts/con_0", version="soon")),
    "a date to come": (
        400,
        lambda client: client.get("/contacts/con_0", version="2999-01-01"),
    ),
    "no such contact": (404, lambda client: client.get("/contacts/con_0")),
    "no such route": (404, lambda client: client.get("/people/con_0")),
    "an unknown field": (422, lambda client: client.post("/contacts", {"age": 3})),
    "nobody": (422, lambda client: client.post("/contacts", {"first_name": "Ada"})),
    "no address left": (422, _without_address),
    "a foreign owner": (
        422,
        lambda client: client.post("/contacts", {**PERSON, "owner_id": "usr_0"}),
    ),
    "a key used before": (422, _reused_key),
    "a stale etag": (412, _stale_etag),
    "a forged cursor": (400, _forged_cursor),
}


@pytest.mark.parametrize(("status", "call"), REFUSED.values(), ids=REFUSED)
def test_fastapi_refuses_what_the_product_refuses(
    rows: Rows,
    product: str,
    fastapi: str,
    status: int,
    call: Callable[[Client], Answer],
) -> None:
    for address in (product, fastapi):
        with closing(Client(address, rows.written.tokens["owner"])) as client:
            answer = call(client)
        assert answer.status == answer.json["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_fastapi_lets_nobody_do_more_than_scope_and_role_allow(
    rows: Rows, product: str, fastapi: str
) -> None:
    for address in (product, fastapi):
        with closing(Client(address, rows.written.tokens["viewer"])) as viewer:
            assert viewer.post("/contacts", PERSON).status == 403
            assert viewer.post("/contacts/search", {}).status == 200
