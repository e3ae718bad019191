"""What an answer says beside its data is in reach: status, version, trace, limits."""

import pytest

from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.world import NO_LIMIT

pytestmark = pytest.mark.node


def test_a_creation_tells_its_facts(account: Account) -> None:
    first, again = run_program(
        account,
        """
        const { contacts } = api.withResponse
        const options = { idempotencyKey: 'order-1815' }
        const facts = []
        for (const _ of [1, 2]) {
          const answer = await contacts.create({ phone: '555 1815' }, options)
          const { data, status, headers, etag, traceId, replayed, rateLimit } = answer
          const more = { id: data.id, version: headers.get('version') }
          facts.push({ status, etag, traceId, replayed, rateLimit, ...more })
        }
        return facts
        """,
    )
    assert first["id"] == again["id"]
    assert (first["status"], first["etag"]) == (201, '"1"')
    assert first["version"] == "2026-11-01"
    assert len(first["traceId"]) == 32
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["rateLimit"]["limit"] == NO_LIMIT[0]
    assert 0 < first["rateLimit"]["remaining"] < NO_LIMIT[0]
    assert first["rateLimit"]["reset"] > 1_700_000_000


def test_limits_are_told(account: Account) -> None:
    told = run_program(
        account,
        """
        const field = { object: 'deals', key: 'seats', type: 'integer', label: 'Seats' }
        await api.fields.create(field)
        const { data } = await api.limits.get()
        return data.filter(each => each.object === 'deals')
        """,
    )
    assert {e["name"]: (e["limit"], e["used"]) for e in told} == {
        "fields": (500, 1),
        "unique_fields": (20, 0),
        "formulas": (50, 0),
        "options": (20_000, 0),
    }


def test_a_replayed_upsert_of_a_contact_that_is_gone_is_a_replay(
    account: Account,
) -> None:
    """The contract wants the first answer again; the client tells that it is one."""
    assert run_program(
        account,
        """
        const upsert = () => api.withResponse.contacts.upsert(
          { email: 'ada@engine.example' }, { idempotencyKey: 'upsert-1815' })
        const { data: first } = await upsert()
        await api.contacts.delete(first.data.id)
        const { data, replayed } = await upsert()
        const now = await outcome(() => api.contacts.get(data.data.id))
        return [data.status, replayed, now.error.slice(0, 13)]
        """,
    ) == ["created", True, "NotFound: 404"]


def test_every_kind_of_call_has_a_whole_answer(account: Account) -> None:
    assert run_program(
        account,
        """
        const { contacts } = api.withResponse
        const { data } = await contacts.create({ phone: '555 1815' })
        const found = []
        for await (const page of contacts.search().pages()) {
          found.push(page.status, page.data.data.length, page.traceId.length)
        }
        for await (const { id } of contacts.search()) found.push(id === data.id)
        const gone = await contacts.delete(data.id)
        const missing = await outcome(() => contacts.get(data.id))
        return [...found, gone.status, gone.data ?? 'none', missing.error.slice(0, 13)]
        """,
    ) == [200, 1, 32, True, 204, "none", "NotFound: 404"]
