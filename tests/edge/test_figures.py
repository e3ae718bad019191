"""What the edge counts of requests that are no plain call of an operation."""

from edge.figures import ADDRESS, BOUNDS, OTHER, TENANT, TOKEN, Figures
from edge.limits.limit import Limit
from edge.settings import AddressLimits
from tests.edge.mcp.assistant import call
from tests.edge.served import Served, run


def good(edge: Served, name: str) -> int:
    """How many requests of an operation went well."""
    return edge.figures.operations[name].classes[2]


def test_a_tool_counts_as_the_operation_that_it_is() -> None:
    async def scenario(edge: Served) -> None:
        contact = "con_0123456789abcdef01234567"
        for _ in range(2):
            answer = await call(edge, "get_contact", {"id": contact})
            assert answer.status == 200
        assert good(edge, "GetContact") == 2
        assert good(edge, OTHER) == 2  # the HTTP requests that they came by

    run(scenario)


def test_what_is_no_operation_is_other() -> None:
    async def scenario(edge: Served) -> None:
        for path in ("/v1/nothing", "/nothing", "/.well-known/nothing"):
            assert (await edge.ask("GET", path)).status == 404
        assert (await edge.ask("GET", "/.well-known/oauth-authorization-server")).json
        assert edge.figures.operations[OTHER].classes == [0, 0, 1, 0, 3, 0]
        assert set(edge.figures.refused.values()) == {0}

    run(scenario)


def test_health_is_not_counted() -> None:
    async def scenario(edge: Served) -> None:
        for path in ("/healthz", "/readyz"):
            assert (await edge.ask("GET", path)).status == 200
        assert not any(any(each.classes) for each in edge.figures.operations.values())

    run(scenario)


def test_an_address_that_is_refused_is_counted_as_one() -> None:
    limits = AddressLimits(pages=Limit(1, 3_600))

    async def scenario(edge: Served) -> None:
        statuses = [(await edge.ask("GET", "/oauth/login")).status for _ in range(4)]
        assert statuses[1:] == [429, 429, 429]
        assert edge.figures.refused == {TOKEN: 0, TENANT: 0, ADDRESS: 3}

    run(scenario, address_limits=limits)


def test_a_time_is_counted_at_the_bound_that_it_does_not_pass() -> None:
    figures = Figures()
    figures.prepare(["GetMe"])
    for bound in BOUNDS:
        figures.note("GetMe", 200, bound)
    figures.note("GetMe", 504, BOUNDS[-1] + 1)
    timings = figures.operations["GetMe"]
    assert timings.buckets == [1] * (len(BOUNDS) + 1)
    assert timings.classes == [0, 0, len(BOUNDS), 0, 0, 1]
