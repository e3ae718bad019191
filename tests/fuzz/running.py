"""Shoots cases at a server of its own and holds each answer against what all owe."""

import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import grpc

from tests import stacks
from tests.client import Answer, Client
from tests.end_to_end.documents.every_operation import one_pass
from tests.end_to_end.documents.scenes import set_scene
from tests.end_to_end.rights.probes import ROUTES
from tests.fuzz.grpc_cases import GrpcCase, grpc_case, methods
from tests.fuzz.http_cases import Target, http_case, is_whole
from tests.harness.hostile.problems import INTERNAL, check_answer
from tests.harness.wire.grpc_calls import refusal
from tests.harness.wire.raw_http import exchange
from tests.promises.record_values import Maker
from tests.stacks import Process, Stack
from tests.world import ALL_SCOPES, Tenant, new_tenant

AT_ONCE = 4
METHODS = methods()

# What gRPC has for a fault of ours. UNAVAILABLE as well: nothing was too much.
_FAULTS = {
    *(grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS),
    grpc.StatusCode.UNAVAILABLE,
}
# By gRPC itself, before any code of ours, of bytes that are no message.
_UNREADABLE = "Exception deserializing request!"


@dataclass(slots=True)
class Result:
    """What came of the cases: how many of each answer, and those that are faults."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Range:
    """A server of its own, a tenant on it, and what is shot at them."""

    process: Process
    tenant: Tenant
    target: Target
    contact: str

    def is_well(self) -> bool:
        """Whether a request in order is answered as ever, over HTTP and gRPC."""
        with closing(self.tenant.client()) as client:
            answers = client.get(self.contact), client.post("/contacts/search", {})
        return [answer.status for answer in answers] == [200, 200]

    def held(self) -> Mapping[str, int]:
        """What the server holds: open files, and memory in MB."""
        place = Path(f"/proc/{self.process.handle.pid}")
        resident = int((place / "statm").read_text().split()[1])
        return {
            "files": len(os.listdir(place / "fd")),
            "mb": resident * os.sysconf("SC_PAGE_SIZE") >> 20,
            "threads": len(os.listdir(place / "task")),
        }


@contextmanager
def opened(
    database_url: str, program: tuple[str, ...] = stacks.PROGRAM
) -> Iterator[Range]:
    """Starts a server on a migrated database, with a tenant whose tables are full."""
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    ports = ("--http-port", "0", "--grpc-port", "0", "--no-demo")
    arguments = ("serve", *ports, "--database-url", database_url)
    process = stacks.start(*arguments, env=env, program=program)
    try:
        stack = Stack("together", process.http, process.grpc, database_url)
        yield _filled(process, new_tenant(stack))
    finally:
        assert process.stop() == 0


def _filled(process: Process, tenant: Tenant) -> Range:
    everything = tenant.token((*ALL_SCOPES, "token.all"))
    with closing(Client(process.http, everything)) as client:
        scene = set_scene(Maker(client, tenant.users))
        found = {sample.name: sample for sample in one_pass(scene, 0)}
        samples = [
            (route, f"/v1{sample.path}", sample.body)
            for route in ROUTES
            for name, sample in found.items()
            if name.partition(",")[0] == route.rpc.rpartition("/")[2]
        ]
        contact = client.create("/contacts", {"email": "target@b.example"})["id"]
    tokens = (everything, everything, everything, tenant.tokens["viewer"], "pcp_x")
    ids = (*scene.records.values(), *tenant.users.values(), contact)
    target = Target(tokens, tuple(samples), ids)
    return Range(process, tenant, target, f"/contacts/{contact}")


def shoot_http(place: Range, seed: int, numbers: range) -> Result:
    """Sends the numbered requests of a seed, a few at once."""

    def one(number: int) -> tuple[str, str]:
        sent = http_case(Random(f"{seed}:http:{number}"), place.target)
        try:
            answer = exchange(place.process.http, sent, ends=not is_whole(sent))
        except TimeoutError:
            return "silent", f"no answer to {sent!r}"
        return judged(sent, answer)

    return _shoot(one, "http", seed, numbers)


def judged(sent: bytes, answer: Answer | None) -> tuple[str, str]:
    """How a request was answered, and what is wrong with that, if anything."""
    if answer is None:
        return "closed", "closed without an answer" if is_whole(sent) else ""
    fault = ""
    if answer.status >= 500:
        fault = f"{answer.status} {answer.body[:200]!r}"
    elif is_of_the_api(sent) and answer.body:
        try:
            check_answer(answer, sent)
        except (AssertionError, KeyError, ValueError) as error:
            fault = f"{error!r:.300}"
    elif is_published(answer):
        pass
    elif leaks := INTERNAL.findall(answer.body.decode("utf-8", "replace")):
        fault = "" if all(each.encode() in sent for each in leaks) else f"{leaks}"
    return str(answer.status), fault


def is_published(answer: Answer) -> bool:
    """Whether it is a page or a document, which may speak of what is inside."""
    kind = answer.headers.get("content-type", "")
    return answer.status == 200 or kind.startswith("text/html")


def is_of_the_api(sent: bytes) -> bool:
    """Whether the line's target is plainly below `/v1`."""
    return re.match(rb"[A-Z]+ /v1/", sent) is not None


def shoot_grpc(place: Range, seed: int, numbers: range) -> Result:
    """Makes the numbered calls of a seed, a few at once."""
    channels = threading.local()
    with ExitStack() as open_channels:

        def one(number: int) -> tuple[str, str]:
            if not hasattr(channels, "mine"):
                channel = grpc.insecure_channel(place.process.grpc)
                channels.mine = open_channels.enter_context(channel)
            case = grpc_case(Random(f"{seed}:grpc:{number}"), METHODS, place.target)
            return called(channels.mine, case)

        return _shoot(one, "grpc", seed, numbers)


def called(channel: grpc.Channel, case: GrpcCase) -> tuple[str, str]:
    """How a call ended, and what is wrong with that, if anything."""
    call: Any = channel.unary_unary(case.path)
    try:
        call(case.message, timeout=60, metadata=case.metadata)
    except grpc.RpcError as error:
        status, text = error.code(), error.details() or ""
        if text == _UNREADABLE:
            return "unreadable", ""
        fault = f"{status} {text}" if status in _FAULTS else ""
        try:
            refusal(error, case.message.decode("utf-8", "replace"))
        except AssertionError as leak:
            fault = f"{status} {leak!s:.300}"
        return status.name, fault
    except ValueError as error:  # metadata that no client of gRPC sends
        return "unsendable", "" if "metadata" in str(error).lower() else repr(error)
    return "OK", ""


def _shoot(
    one: Callable[[int], tuple[str, str]], kind: str, seed: int, numbers: range
) -> Result:
    result = Result()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number, (answer, fault) in zip(
            numbers, threads.map(one, numbers), strict=True
        ):
            result.answers[answer] += 1
            if fault:
                result.faults.append(f"{kind} case {seed}:{number}: {fault}")
    return result
