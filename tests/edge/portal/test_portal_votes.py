"""Readers say whether a page helped: answers are counted, and nothing else is kept."""

from urllib.parse import urlencode

from edge.limits.limit import Limit
from edge.settings import AddressLimits
from tests.edge.portal.test_portal_http import BROWSER
from tests.edge.served import Answer, Served, run

FORM = "application/x-www-form-urlencoded"


async def vote(edge: Served, page: str, answer: str, **headers: str) -> Answer:
    form = {"page": page, "answer": answer}
    given = {**BROWSER, "Content-Type": FORM, **headers}
    return await edge.ask("POST", "/docs/helpful", headers=given, data=urlencode(form))


def test_answers_about_pages_are_counted_and_nothing_else_is_kept() -> None:
    page = "/docs/errors"
    refused = ("/docs/nothing", "/v1/contacts", "", page * 999)

    async def scenario(edge: Served) -> None:
        for answer in ("yes", "no", "yes"):
            thanked = await vote(edge, page, answer)
            assert thanked.status == 200
            assert b"Thank you" in thanked.text
            assert "Set-Cookie" not in thanked.headers
        for unknown in refused:
            assert (await vote(edge, unknown, "yes")).status == 400
        assert (await vote(edge, page, "maybe")).status == 400
        other = await vote(edge, page, "no", **{"Sec-Fetch-Site": "cross-site"})
        assert other.status == 403, "other sites do not vote"
        assert (await vote(edge, page, "no")).status == 429
        got = await edge.ask("GET", "/docs/helpful", headers=BROWSER)
        assert got.status == 405
        read_on = await edge.ask("GET", page, headers=BROWSER)
        assert read_on.status == 200, "reading has a limit of its own"
        assert edge.figures.votes == {(page, "yes"): 2, (page, "no"): 1}

    votes = Limit(3 + len(refused) + 2, 3600)
    run(scenario, address_limits=AddressLimits(votes=votes))
