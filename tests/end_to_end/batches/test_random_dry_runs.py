"""Whatever is tried by a dry run is answered as in earnest, and nothing is written.

First a good request of every operation that writes is tried, then some that are like
it, changed at random. Each is sent as a dry run and then in earnest.
"""

import random
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

from tests.client import Answer, Client
from tests.end_to_end.batches.trying import Ledger, lasting, ledger_of
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.documents.every_operation import one_pass
from tests.end_to_end.documents.scenes import Sample, set_scene
from tests.end_to_end.rights.probes import ROUTES
from tests.end_to_end.schema.by_jobs.many import ended
from tests.harness.people.a_webhook import put_webhook
from tests.promises import booked
from tests.promises.record_values import UNKNOWN_DIGITS, Maker
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import ALL_SCOPES, Tenant, administer, new_tenant

WRITES = {e.rpc.rpartition("/")[2] for e in ROUTES if not e.only_reads}

# What stands in the place of a value of a body. The last is a text that is too long
# almost everywhere.
_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**40, 0.001, "", " a ", "nonsense", [], {}, ["a"], {"a": 1}),
    *(f"con_{UNKNOWN_DIGITS}", "2026-02-30", "x" * 70_000),
)
_END_OF_ID = re.compile(r"(?<=_[0-9a-f]{20})[0-9a-f]{4}")
# So often a busy server is asked.
_BUSY = 10
# Of each request so many others are made.
_OTHERS = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """A request that is tried, its headers, and the file that it sends, if one."""

    sample: Sample
    headers: dict[str, str]
    file: bytes | None = None

    def send(self, client: Client, **more: str) -> Answer:
        """Sends it; again if the server was too busy, which has then done nothing."""
        asked, headers = self.sample, self.headers | more
        sent = asked.body if self.file is None else self.file
        for _ in range(_BUSY):
            answer = client.send(asked.method, asked.path, sent, **headers)
            if answer.status != 503:
                break
        return answer


def trials(sample: Sample, chance: random.Random, others: int) -> Iterator[Trial]:
    """A request, after others that are like it."""
    for number in range(others):
        body = deepcopy(sample.body)
        for _ in range(chance.choice((1, 1, 2))):
            if body:
                _change(body, chance)
        headers = {}
        if chance.random() < 0.2:
            headers["if_match"] = chance.choice(('"1"', '"99"', "*", "1"))
        if chance.random() < 0.2:
            headers["idempotency_key"] = f"{chance.getrandbits(64)}"
        path = sample.path
        if not body or (number == 0 and chance.random() < 0.2):
            path = _END_OF_ID.sub(f"{chance.getrandbits(16):04x}", path)
        yield Trial(replace(sample, path=path, body=body), headers)
    yield Trial(sample, {})


def _change(body: dict[str, Any], chance: random.Random) -> None:
    """Changes one value of a body, at any depth."""
    place: Any = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner and chance.random() < 0.7):
            break
        place = inner
    what = chance.random()
    if what < 0.2:
        del place[key]
    elif what < 0.3 and isinstance(place, dict):
        place["unknown"] = 1
    else:
        place[key] = deepcopy(chance.choice(_VALUES))


def try_all(client: Client, ledger: Ledger, found: Iterator[Trial]) -> int:
    """Tries requests until one succeeds, then sends them in earnest. Returns how many.

    None but the last changes anything, so all are answered as they were.
    """
    ledger.settle()
    before, dry = ledger.contents(), list[tuple[Trial, Answer]]()
    for trial in found:
        answer = trial.send(client, dry_run="true")
        assert answer.status < 500, (trial, answer.body)
        assert answer.headers.get("dry-run") == "true", (trial, answer)
        dry.append((trial, answer))
        if answer.status < 300:
            break
    assert ledger.contents() == before, dry
    for trial, answer in dry:
        real = trial.send(client)
        assert "dry-run" not in real.headers
        assert lasting(answer) == lasting(real), trial
    _end_job(client, real)
    return len(dry)


def _end_job(client: Client, answer: Answer) -> None:
    """Waits for the job that a request began, which would write beside dry runs."""
    if answer.status >= 300 or not answer.body.startswith(b"{"):
        return
    if job_id := answer.json.get("job_id"):
        ended(client, client.get(f"/jobs/{job_id}").json)
    elif answer.status == 202:
        ended(client, answer.json)


def _redelivered(client: Client, tenant: Tenant) -> Iterator[Sample]:
    """What a pass leaves out, since nothing is delivered in its scene."""
    user_id = tenant.users["owner"]
    webhook_id = administer(
        tenant.stack.database_url,
        lambda database: put_webhook(database, tenant.business_id, user_id),
    )
    path = f"/webhooks/{webhook_id}/deliveries"
    (delivery,) = client.search(path)["data"]
    again = f"{path}/{delivery['id']}/redeliver"
    yield Sample("RedeliverDelivery", "POST", again, 200, None)


def _uploads(maker: Maker) -> Iterator[Trial]:
    """What a pass leaves out, since it sends files: a part, then the whole content."""
    made = maker.reference("import", 0)
    content = f"/imports/{made}/content"
    for name, path in (("Part", f"{content}/1"), ("Content", content)):
        sample = Sample(f"WriteImport{name}", "PUT", path, 200, None)
        yield Trial(sample, {}, b"email\nada@engine.example\n")


def test_random_requests_of_every_operation(
    stack: Stack, open_client: OpenClient
) -> None:
    most, number, passes = rounds("DRY_OPERATIONS"), 0, 0
    seed, asked = random.randrange(2**32), set[str]()
    print(f"seed {seed}")
    chance = random.Random(seed)
    while number < most:
        tenant = new_tenant(stack)
        owner = open_client(tenant.token((*ALL_SCOPES, "token.all")))
        begin = partial(booked.begin, stack, owner)
        scene = set_scene(Maker(owner, tenant.users), page=2, begin=begin)
        again = _redelivered(owner, tenant)
        with ledger_of(tenant) as ledger:
            for upload in _uploads(scene.maker):
                number += try_all(owner, ledger, iter([upload]))
                asked.add(upload.sample.name)
            for sample in chain(again, one_pass(scene, 0)):
                name = sample.name.partition(",")[0]
                is_left_out = passes > 0 and (number >= most or chance.random() < 0.5)
                if name in WRITES and not is_left_out:
                    others = _OTHERS if passes else 0
                    found = trials(sample, chance, others)
                    number += try_all(owner, ledger, found)
                    asked.add(name)
        passes += 1
    print(f"{number} dry runs of {len(asked)} operations")
    assert asked == WRITES
