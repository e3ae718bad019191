"""A body arrives as it was meant: what JSON cannot express is refused, not changed."""

import pytest

from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.clients.unreliable import Network

pytestmark = pytest.mark.node

REFUSED = {
    "{ value: NaN }": "value: it is NaN",
    "{ value: -Infinity }": "value: it is -Infinity",
    "{ tags: ['VIP', undefined] }": "tags[1]: it is undefined",
    "{ tags: ['VIP', , 'EU'] }": "tags[1]: it is undefined",
    "{ name: () => 'x' }": "name: it is function",
    "{ name: Symbol('x') }": "name: it is symbol",
    "{ name: 'half \\ud83d' }": "name: it is a string with half a surrogate pair",
    "{ custom_fields: { '\\udc00': 1 } }": "a string with half a surrogate pair",
    "{ custom_fields: { a: 2n ** 60n + 1n } }": "custom_fields.a: it is a bigint",
    "{ custom_fields: new Map([['a', 1]]) }": "custom_fields: it is a Map",
    "{ tags: new Set(['VIP']) }": "tags: it is a Set",
    "{ name: Promise.resolve('x') }": "name: it is a Promise",
    "{ name: /x/ }": "name: it is a RegExp",
    "{ value: new Number(NaN) }": "value: it is a Number",
    "{ tags: new Uint8Array(2) }": "tags: it is a Uint8Array",
    "{ occurred_at: new Date(NaN) }": "occurred_at: it is an invalid Date",
    "{ occurred_at: new Date(8e15) }": "occurred_at: it is a Date beyond",
    "{ occurred_at: { toJSON: () => null } }": (
        "occurred_at: it is an object of Object without a value"
    ),
    "{ metadata: { a: [{ b: NaN }] } }": "metadata.a[0].b: it is NaN",
    "(() => { const a = {}; a.a = a; return a })()": "too deep, or inside itself",
    "{ value: 999999999999999.99 }": "value: it is a number too large to hold cents",
}

# What goes through, and how it is written.
TAKEN = {
    "{ value: 1200.5, lost_reason: null, name: undefined }": (
        '{"value":1200.5,"lost_reason":null}'
    ),
    "{ at: new Date(Date.UTC(2026, 5, 17, 14, 30)) }": (
        '{"at":"2026-06-17T14:30:00.000Z"}'
    ),
    "{ value: new all.Amount('999999999999999.90') }": '{"value":999999999999999.9}',
    "{ filters: [{ value: new all.Amount('70368744177664.01') }] }": (
        '{"filters":[{"value":70368744177664.01}]}'
    ),
    "{ a: 12n, b: [true, 'ä\\n\"', {}], c: Object.create(null) }": (
        '{"a":12,"b":[true,"ä\\n\\"",{}],"c":{}}'
    ),
    "new (class { name = 'x' })()": '{"name":"x"}',
    "{ a: { toJSON: () => 'x' }, ['__proto__']: 1 }": '{"a":"x","__proto__":1}',
}

SEND = """
const call = { method: 'POST', path: '/v1/deals', headers: {}, keyed: true }
const amounts = { body: ['value'], answer: [] }
const sent = []
const keep = async (_, { body }) => { sent.push(body); return new Response('{}') }
const client = new all.ProspectConnect({ ...settings, fetch: keep })
const ends = []
for (const text of told.bodies) {
  const body = new Function('all', `return (${text})`)(all)
  ends.push(await outcome(() => client.send({ ...call, amounts, body })))
}
return [ends.map(({ error }) => error ?? ''), sent]
"""


def test_what_json_cannot_express_is_refused_with_its_place(account: Account) -> None:
    ends, sent = run_program(account, SEND, bodies=list(REFUSED))
    for body, end, told in zip(REFUSED, ends, REFUSED.values(), strict=True):
        assert end.startswith("TypeError: JSON cannot express "), body
        assert told in end
    assert sent == []


def test_what_json_can_express_is_written_as_it_is(account: Account) -> None:
    assert run_program(account, SEND, bodies=list(TAKEN)) == [
        [""] * len(TAKEN),
        list(TAKEN.values()),
    ]


def test_no_number_at_all_does_not_clear_an_amount(
    account: Account, network: Network
) -> None:
    end, value = run_program(
        account,
        """
        const deal = await api.deals.create({ name: 'Engine', value: 1200.5 })
        const end = await outcome(() => api.deals.update(deal.id, { value: 0 / 0 }))
        return [end, String((await api.deals.get(deal.id)).value)]
        """,
    )
    assert end == {"error": "TypeError: JSON cannot express value: it is NaN."}
    assert value == "1200.5"
    assert [seen.method for seen in network.seen] == ["POST", "GET"]


def test_any_json_is_written_and_read_as_javascript_does(account: Account) -> None:
    """Random values, the same in each run."""
    different = run_program(
        account,
        """
        const { read, write } = await import(told.json)
        let state = 1815
        const below = (end) => {
          state = (Math.imul(state, 1103515245) + 12345) >>> 0
          return Math.floor((state / 2 ** 32) * end)
        }
        const texts = ['', 'a', '"', '\\\\', '\\\\"', '12', '-1e3', '\\n', '😀', ':{[']
        const some = (make) => Array.from({ length: below(4) }, make)
        const text = () => some(() => texts[below(10)]).join('')
        const number = () =>
          [0, -0, 1, -7, 0.1, 1e21, 5e-324, 2 ** 53, 1.5, 1e-7, 123456.75][below(11)] *
          [1, 3, 0.1, 1e5][below(4)]
        const value = (depth) => {
          const kind = below(depth > 4 ? 5 : 7)
          if (kind < 3) return [null, true, false][kind]
          if (kind === 3) return text()
          if (kind === 4) return number()
          const items = some(() => value(depth + 1))
          if (kind === 5) return items
          return Object.fromEntries(items.map((item) => [text(), item]))
        }
        const found = []
        for (let round = 0; round < 3000; round++) {
          const made = value(0)
          const text = JSON.stringify(made)
          if (write(made) !== text) found.push(text)
          if (JSON.stringify(read(text)) !== text) found.push(text)
          const spaced = JSON.stringify(made, null, 2)
          if (JSON.stringify(read(spaced)) !== text) found.push(text)
        }
        return found
        """,
        json="../../../gen/clients/typescript/json.js",
    )
    assert different == []
