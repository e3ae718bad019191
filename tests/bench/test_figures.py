"""The arithmetic of the benchmark: medians, ratios, goals, and the table of them."""

from pathlib import Path

import pytest

from tests.bench import operations as op
from tests.bench import subjects as by
from tests.bench import table
from tests.bench.document import BEGIN, END, write
from tests.bench.figures import Spread, figures, spread
from tests.bench.goals import WORKERS_CORES, Goal, goals
from tests.bench.rounds import Sample
from tests.bench.soak import Memory

FEW = WORKERS_CORES - 1


def sample(
    subject: str, operation: str, *costs: float, per_second: float = 100.0
) -> Sample:
    """A sample of a subject with the costs of its processes."""
    cpu = dict(enumerate(costs))
    return Sample(subject, operation, 10, per_second, cpu, 7.0, 9.0, 1.0, 2.0)


def aims(*samples: Sample, cores: int = FEW) -> dict[str, Goal]:
    """The goals that depend only on samples, by their subject."""
    found = goals(figures(samples), None, [], cores)
    return {goal.what: goal for goal in found if goal.figure is not None}


def test_a_spread_is_the_median_between_its_ends() -> None:
    assert spread([5, 1, 3]) == Spread(1, 3, 5)
    assert spread([4, 2]) == Spread(2, 3, 4)


def test_rounds_are_brought_together_by_subject_and_operation() -> None:
    costs = (300.0, 100.0, 200.0)
    found = figures(
        [
            *(sample(by.PRODUCT, op.GET, cost) for cost in costs),
            sample(by.PRODUCT, op.SEARCH, 900.0),
            sample(by.BARE, op.GET, 50.0),
        ]
    )
    assert found[by.PRODUCT, op.GET].cost == Spread(100, 200, 300)
    assert found[by.PRODUCT, op.GET].requests == 30
    assert found[by.PRODUCT, op.SEARCH].cost.median == 900
    assert found[by.BARE, op.GET].cost.median == 50


def test_the_cost_of_a_subject_is_that_of_all_its_processes() -> None:
    found = figures([sample(by.ENVOY, op.GET, 200.0, 500.0, 1.0)])
    assert found[by.ENVOY, op.GET].cost.median == 701
    assert found[by.ENVOY, op.GET].balance == pytest.approx(0.4)


def test_a_ratio_is_one_of_medians() -> None:
    costs = ((100, 200, 900), (100, 100, 100))
    pairs = zip((by.PRODUCT, by.BARE), costs, strict=True)
    found = aims(*(sample(who, op.GET, cost) for who, each in pairs for cost in each))
    assert [goal.figure for goal in found.values()] == [2.0]


@pytest.mark.parametrize(
    ("figure", "at_least", "is_met"),
    [
        (1.5, False, True),
        (1.51, False, False),
        (1.5, True, True),
        (1.49, True, False),
        (None, False, None),
    ],
)
def test_a_goal_is_met_up_to_its_bound(
    figure: float | None, at_least: bool, is_met: bool | None
) -> None:
    assert Goal("any", figure, 1.5, at_least=at_least).is_met is is_met


@pytest.mark.parametrize(
    ("peer", "operation", "peer_cost", "is_met"),
    [
        (by.BARE, op.GET, 200.0, True),
        (by.BARE, op.SEARCH, 199.0, False),
        (by.FASTAPI, op.KEYED, 1200.0, True),
        (by.FASTAPI, op.PATCH, 1199.0, False),
        (by.ENVOY, op.GET, 600.0, True),
        (by.ENVOY, op.SEARCH, 599.0, False),
    ],
)
def test_the_product_is_held_against_each_peer(
    peer: str, operation: str, peer_cost: float, is_met: bool
) -> None:
    found = aims(
        sample(by.PRODUCT, operation, 300.0), sample(peer, operation, peer_cost)
    )
    assert found[f"{operation}: product : {peer}"].is_met is is_met


def test_a_key_is_held_against_the_create_without_one() -> None:
    found = aims(
        sample(by.PRODUCT, op.KEYED, 131.0), sample(by.PRODUCT, op.CREATE, 100.0)
    )
    assert found["create with key : create"].is_met is False


def test_two_workers_are_held_to_the_machine_that_they_have() -> None:
    samples = (
        sample(by.PRODUCT, op.GET, 300.0, per_second=100.0),
        sample(by.PRODUCT_BY_TWO, op.GET, 0.0, 100.0, 200.0, per_second=160.0),
        sample(by.BARE, op.GET, 100.0, per_second=200.0),
        sample(by.BARE_BY_TWO, op.GET, 50.0, 50.0, per_second=400.0),
    )
    few, many = aims(*samples), aims(*samples, cores=WORKERS_CORES)
    shared = few[f"{op.GET}: gain by 2 workers, product : bare Sanic"]
    alone = many[f"{op.GET}: throughput of 2 workers : 1"]
    balance = few[f"{op.GET}: work of the less busy of 2 workers : the other"]
    found = {goal.figure: goal.is_met for goal in (shared, alone, balance)}
    assert found == {0.8: False, 1.6: False, 0.5: False}
    assert few[f"{op.GET}: CPU per request of 2 workers : 1"].is_met is True


def test_memory_grows_when_its_last_quarter_is_above_the_third() -> None:
    flat, climbing = Memory(20, [70, *[80] * 19]), Memory(20, list(range(20)))
    assert (flat.last, flat.growth) == (80, 0)
    assert (climbing.last, climbing.growth) == (19, 5)


def test_the_start_is_the_median_of_all() -> None:
    found = goals({}, None, [1.4, 9.0, 1.6], FEW)
    start = next(goal for goal in found if goal.what.startswith("start"))
    assert (start.figure, start.is_met) == (1.6, False)


def test_what_was_not_measured_is_said_so() -> None:
    rows = table.goals_table(goals({}, None, [], FEW)).splitlines()[2:]
    assert all(row.endswith("| not measured |") for row in rows)


def test_the_table_marks_what_is_met_and_what_is_not() -> None:
    text = table.goals_table(
        [
            Goal("a", 1.0, 1.5),
            Goal("b", 2.0, 1.5, "s"),
            Goal("c", 1.0, 1.5, at_least=True),
        ]
    )
    assert text.splitlines()[2:] == [
        "| a | ≤ 1.50 | 1.00, met |",
        "| b | ≤ 1.50 s | 2.00 s, **not met** |",
        "| c | ≥ 1.50 | 1.00, **not met** |",
    ]


def test_a_figure_that_is_nothing_has_no_sign() -> None:
    text = table.goals_table([Goal("growth", -0.001, 1.0, "MiB")])
    assert text.endswith("| 0.00 MiB, met |")


def test_the_table_of_costs_names_its_ends_and_the_ratio() -> None:
    found = figures([sample(by.PRODUCT, op.GET, 90.0), sample(by.BARE, op.GET, 60.0)])
    product, bare = table.costs(found).splitlines()[2:]
    assert product.startswith(
        f"| {op.GET} | product | **90** | 90 to 90 | 1.00 | 7 | 9 |"
    )
    assert bare.startswith(
        f"| {op.GET} | bare Sanic | **60** | 60 to 60 | 1.50 | 7 | 9 |"
    )


def test_a_result_is_written_between_the_marks_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(document, "new")
    write(document, "newer")
    assert document.read_text() == f"before\n{BEGIN}\nnewer\n{END}\nafter\n"


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("nothing to see")
    with pytest.raises(ValueError, match="lacks"):
        write(document, "new")
    assert document.read_text() == "nothing to see"
