"""An edge may die between any two steps, and another goes on: it keeps nothing."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from itertools import cycle

import pytest

from tests import stacks
from tests.client import Client
from tests.harness.people.oauth import PASSWORD, pkce
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.people.person import Page, Person
from tests.harness.people.web_app import WebApp, register, sent_back
from tests.stacks import Process, Stack

ISSUER = "http://crm.example"


@pytest.fixture(scope="module")
def services(database_url: str) -> Iterator[Process]:
    """The services alone."""
    process = stacks.start(
        "services", "--grpc-port", "0", "--database-url", database_url
    )
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="module")
def scene(services: Process, database_url: str) -> Iterator[Scene]:
    """A user of the services; which edge they use, each step decides."""
    stack = Stack("split", "", services.grpc, database_url)
    with opened_scene(stack) as opened:
        yield opened


def start_edge(services: Process) -> Process:
    env = {
        "PROSPECTCONNECT_PUBLIC_URL": ISSUER,
        "PROSPECTCONNECT_LOG_REQUESTS": "false",
        **stacks.UNLIMITED,
    }
    return stacks.start(
        "edge", "--http-port", "0", "--services", services.grpc, env=env
    )


def the_whole_way(scene: Scene, edges: Iterator[str]) -> None:
    """Every request goes to the next edge."""
    app = register(next(edges))
    person = Person(next(edges))
    verifier, challenge = pkce()
    target = app.target(challenge)
    for _ in range(3):  # to the consent, to the login, and there
        answer = person.send("GET", target)
        target = answer.headers.get("location", target)
        person.address = next(edges)
    (form,) = Page(target, answer).forms
    person.address = next(edges)
    filled = {**form.fields, "email": scene.email, "password": PASSWORD}
    page = person.post(form.action, filled)
    person.address = next(edges)
    told = sent_back(person.answer(page))
    assert told["iss"] == ISSUER
    tokens = at(app, next(edges)).exchange(told["code"], verifier).json
    tokens = at(app, next(edges)).refresh(tokens["refresh_token"]).json
    client = Client(next(edges), tokens["access_token"])
    assert client.get("/me").status == 200
    client.close()


def at(app: WebApp, edge: str) -> WebApp:
    """The app, at another edge."""
    return WebApp(edge, app.id, app.secret, app.method, app.registration)


def test_every_step_may_be_another_edges(services: Process, scene: Scene) -> None:
    with ExitStack() as running:
        edges = [start_edge(services) for _ in range(2)]
        for edge in edges:
            running.callback(edge.stop)
        the_whole_way(scene, cycle(edge.http for edge in edges))


def test_an_edge_that_died_is_missed_by_nobody(services: Process, scene: Scene) -> None:
    """After every other request the edge is killed, and a new one takes its place."""
    started: list[Process] = []

    def lives() -> Generator[str, None, None]:
        while True:
            edge = start_edge(services)
            started.append(edge)
            yield edge.http
            yield edge.http
            edge.handle.kill()
            with edge.handle:
                edge.handle.wait(timeout=60)

    edges = lives()
    try:
        the_whole_way(scene, edges)
    finally:
        edges.close()
        started[-1].handle.kill()
        with started[-1].handle:
            started[-1].handle.wait(timeout=60)
    assert len(started) > 3


def test_two_workers_are_one_server(database_url: str) -> None:
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    ports = ("--http-port", "0", "--grpc-port", "0", "--workers", "2")
    arguments = ("serve", "--no-demo", *ports, "--database-url", database_url)
    process = stacks.start(*arguments, env=env)
    try:
        stack = Stack("together", process.http, process.grpc, database_url)
        with opened_scene(stack) as scene:
            app = register(process.http)
            for _ in range(4):  # each request may meet either worker
                person = Person(process.http)
                page = person.log_in(scene.email, app.target(pkce()[1]))
                assert sent_back(person.answer(page))["code"]
                tokens = app.tokens(person)
                assert app.refresh(tokens["refresh_token"]).status == 200
    finally:
        assert process.stop() == 0
