"""The load generator checks every answer, and a wrong one ends it."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from tests.bench import load as generator
from tests.bench.load import CONNECTIONS, Exchange, WrongAnswer, load

BODY, MARK = b'{"a":1}', b'"a"'
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + BODY
REQUEST = b"GET / HTTP/1.1\r\n\r\n"
WHOLE = Exchange(REQUEST, b"200", BODY, whole=True)
PART = Exchange(REQUEST, b"200", MARK, whole=False)

WRONG = {
    "another status": (WHOLE, GOOD.replace(b"200", b"201")),
    "another body": (WHOLE, GOOD.replace(b"1}", b"2}")),
    "a longer body": (WHOLE, GOOD.replace(b": 7", b": 8") + b"}"),
    "no mark": (PART, GOOD.replace(MARK, b'"b"')),
    "the mark in the head": (PART, GOOD.replace(BODY, b"{     }").replace(b"OK", MARK)),
    "no length": (WHOLE, GOOD.replace(b"Content-Length", b"Content-Size")),
    "none": (WHOLE, b""),
}


@contextmanager
def server(answer: Callable[[int], bytes]) -> Iterator[str]:
    """Answers each request with the result of `answer` for its number, from 0 on.

    The answer is sent in two pieces; an empty one closes the connection.
    """
    numbers = count()

    class Handler(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with suppress(ConnectionError):  # a failed load closes its connections
                while self.rfile.readline() and self.rfile.readline():
                    data = answer(next(numbers))
                    if not data:
                        return
                    self.wfile.write(data[:-3])
                    self.wfile.write(data[-3:])

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = CONNECTIONS

    with Server(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
        thread.join()


def test_right_answers_are_counted_between_two_readings_of_the_meter() -> None:
    meter = count()
    with server(lambda _: GOOD) as address:
        loaded = load(address, lambda: WHOLE, meter.__next__, 60, most=200)
    assert loaded.requests == 200
    assert (loaded.before, loaded.after) == (0, 1)
    assert 0 < min(loaded.latencies) <= max(loaded.latencies) <= loaded.seconds
    assert loaded.own_cpu > 0


def test_a_load_ends_when_its_time_is_over() -> None:
    with server(lambda _: GOOD) as address:
        loaded = load(address, lambda: PART, lambda: None, 0.05)
    assert loaded.requests >= CONNECTIONS
    assert loaded.seconds >= 0.05


@pytest.mark.parametrize(("exchange", "answer"), WRONG.values(), ids=WRONG)
def test_a_single_wrong_answer_ends_the_load(exchange: Exchange, answer: bytes) -> None:
    with (
        server(lambda number: answer if number == 150 else GOOD) as address,
        pytest.raises(WrongAnswer),
    ):
        load(address, lambda: exchange, lambda: None, 60, most=200)


def test_an_answer_that_never_ends_ends_the_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generator, "PATIENCE_SECONDS", 0.05)
    with (
        server(lambda _: GOOD.replace(b": 7", b": 99")) as address,
        pytest.raises(WrongAnswer, match="never came"),
    ):
        load(address, lambda: WHOLE, lambda: None, 0.05)
