"""An amount keeps every digit: from the program to the API, and back."""

import pytest

from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program

pytestmark = pytest.mark.node

# With the largest that there are: a number of JavaScript takes 1e15 for the first.
REVENUES = ("999999999999999.99", "90071992547409.93", "0.01", "70368744177664.01")


def test_an_amount_comes_back_as_it_was_sent(account: Account) -> None:
    found = run_program(
        account,
        """
        const found = []
        for (const text of told.revenues) {
          const company = { name: text, annual_revenue: new all.Amount(text) }
          const made = await api.companies.create(company)
          await api.companies.update(made.id, { annual_revenue: made.annual_revenue })
          const kept = await api.companies.get(made.id)
          found.push(String(made.annual_revenue), String(kept.annual_revenue))
        }
        return found
        """,
        revenues=REVENUES,
    )
    assert found == [text for text in REVENUES for _ in range(2)]


def test_every_call_that_answers_with_an_amount_gives_an_amount(
    account: Account,
) -> None:
    kinds = run_program(
        account,
        """
        const sent = { name: 'Engine', value: 9999999999999.99 }
        const first = await api.deals.create(sent)
        const { id, stage_id, value } = first
        const deals = [first]
        deals.push(await api.deals.get(id), await api.deals.update(id, { value }))
        deals.push(await api.deals.move(id, { stage_id }))
        deals.push((await api.withResponse.deals.get(id)).data)
        for await (const deal of api.deals.search()) deals.push(deal)
        for await (const page of api.deals.search().pages()) deals.push(...page.data)
        const none = await api.deals.create({ name: 'Nothing' })
        const kinds = deals.map(({ value }) => [value instanceof all.Amount, value])
        return [kinds, none.value]
        """,
    )
    assert kinds == [[[True, "9999999999999.99"]] * 7, None]


def test_amounts_are_calculated_with_exactly(account: Account) -> None:
    found = run_program(
        account,
        """
        const { Amount } = all
        const sum = ['0.1', '0.2', '999999999999999.99']
          .map((text) => new Amount(text).toMinor())
          .reduce((one, other) => one + other)
        const large = new Amount('999999999999999.99')
        return [
          String(Amount.ofMinor(sum)), `${Amount.ofMinor(-5n)}`, Amount.ofMinor(7n, 0),
          new Amount('1200.50').toNumber() * 2, new Amount('-0.00').text,
          new Amount('2.5') < new Amount('10'), JSON.stringify({ large }),
          await outcome(async () => large.toNumber()),
          await outcome(async () => large + 1),
          await outcome(async () => new Amount('0.001').toMinor()),
          String(new Amount('-12.34').toMinor()),
        ]
        """,
    )
    assert found == [
        *("1000000000000000.29", "-0.05", "7", 2401, "0", True),
        '{"large":"999999999999999.99"}',
        *[{"error": f"RangeError: A number cannot hold all digits of {REVENUES[0]}."}]
        * 2,
        {"error": "RangeError: 0.001 has more than 2 decimal places."},
        "-1234",
    ]


def test_what_is_no_amount_is_refused(account: Account) -> None:
    texts = ["", " 1", "1,5", "1e3", "+1", ".5", "5.", "01", "NaN", "1 000", 5, None]
    ends = run_program(
        account,
        """
        const ends = []
        for (const text of told.texts) {
          ends.push(await outcome(async () => new all.Amount(text)))
        }
        return ends
        """,
        texts=texts,
    )
    refusal = "TypeError: An amount is made of a text such as '1200.50'."
    assert ends == [{"error": refusal}] * len(texts)


def test_random_amounts_are_read_and_written_without_loss(account: Account) -> None:
    """Amounts of 1 to 18 digits, from a generator with a seed."""
    lost = run_program(
        account,
        """
        let state = 1815n
        const lost = []
        for (let round = 0n; round < 5000n; round++) {
          state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n
          const minor = state % 10n ** (1n + (round % 18n))
          const text = String(all.Amount.ofMinor(minor))
          const body = `{"value": ${text}}`
          const { value } = new all.Answer(200, new Headers(), body, ['value']).data
          if (!(value instanceof all.Amount) || value.text !== text) lost.push(text)
          if (value.toMinor() !== minor) lost.push(text)
        }
        return lost
        """,
    )
    assert lost == []


def test_a_number_that_holds_no_cents_is_refused_in_bodies_and_in_filters(
    account: Account,
) -> None:
    """The number would be another one by now, and a search would find its record."""
    ends = run_program(
        account,
        """
        const annual_revenue = 999999999999999.99
        const made = new all.Amount('1000000000000000')
        await api.companies.create({ name: 'Other', annual_revenue: made })
        const one = { field: 'annual_revenue', operator: 'eq', value: annual_revenue }
        const values = [1, annual_revenue]
        const some = { field: 'annual_revenue', operator: 'in', values }
        const range = { ...some, operator: 'between' }
        const found = async (filters) => {
          for await (const each of api.companies.search({ filters })) return each.name
        }
        return [
          await outcome(() => api.companies.create({ name: 'Engine', annual_revenue })),
          await outcome(() => found([one])),
          await outcome(() => found([{ any: [{ not: { all: [some] } }] }])),
          await outcome(() => found([range])),
          await outcome(() => found([{ ...one, value: 2 ** 46 }])),
          await outcome(() => found([{ ...one, value: -annual_revenue }])),
        ]
        """,
    )
    paths = [
        "annual_revenue",
        "filters[0].value",
        "filters[0].any[0].not.all[0].values[1]",
        "filters[0].values[1]",
        "filters[0].value",
        "filters[0].value",
    ]
    what = "a number too large to hold cents: use an Amount"
    assert ends == [
        {"error": f"TypeError: JSON cannot express {path}: it is {what}."}
        for path in paths
    ]


def test_filters_take_amounts_and_the_numbers_that_are_exact(account: Account) -> None:
    found = run_program(
        account,
        """
        const large = new all.Amount('999999999999999.99')
        const custom_fields = { seats: 2 ** 50 }
        const given = { name: 'Large', annual_revenue: large, custom_fields }
        await api.companies.create({ ...given, employee_count: 7 })
        await api.companies.create({ name: 'Small', annual_revenue: 0.1 })
        const found = []
        for (const filter of [
          { field: 'annual_revenue', operator: 'eq', value: large },
          { field: 'annual_revenue', operator: 'in', values: [large, 5] },
          { field: 'annual_revenue', operator: 'lt', value: 2 ** 46 - 0.5 },
          { field: 'custom_fields.seats', operator: 'eq', value: 2 ** 50 },
          { field: 'employee_count', operator: 'between', values: [7, 2 ** 30] },
        ]) {
          const names = []
          for await (const each of api.companies.search({ filters: [filter] })) {
            names.push(each.name)
          }
          found.push(names.join())
        }
        return found
        """,
    )
    assert found == ["Large", "Large", "Small", "Large", "Large"]
