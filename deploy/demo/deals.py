"""Deals of the demonstration data, each with its stages in a pipeline.

The service's own code moves a deal into each stage. So its status and dates fit its
stages, and its timeline contains each change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.deals_pb2 import DEAL_STATUS_LOST, Deal
from prospectconnect.crm.v1.pipelines_pb2 import (
    STAGE_TYPE_LOST,
    STAGE_TYPE_OPEN,
    STAGE_TYPE_WON,
    StageType,
)

from deploy.demo.countries import currency_of
from deploy.demo.draws import (
    day_of,
    drawn_id,
    last_office_moment,
    moment_before,
    moment_between,
    some,
)
from deploy.demo.scene import Relation, Scene
from deploy.demo.timeline import changed, created
from deploy.demo.words import LOST_REASONS
from services.clock import DAY, from_timestamp, to_timestamp
from services.crm.deals import place
from services.crm.pipelines import Stage

WON, LOST, OPEN = STAGE_TYPE_WON, STAGE_TYPE_LOST, STAGE_TYPE_OPEN

_OPENED_WITHIN = 200 * DAY  # after the contact was created
_DECIDED_WITHIN = 30 * DAY  # at least this long before the end of the scene
_OPEN_FOR = 75 * DAY  # at most
_YEAR = 365 * DAY  # the term of a contract
_AHEAD = 60 * DAY  # the renewal is opened this long before the end of the term
_TAGS = ("pilot", "upsell", "tender", "competitor", "quick win")


@dataclass(frozen=True, slots=True)
class _Product:
    """A product, the approximate price of a year of it, and its number of users.

    A product without users is sold once. The others run for a year and are renewed.
    """

    name: str
    value: int
    seats: int = 0


_PRODUCTS = (
    _Product("Starter plan", 1_500, 5),
    _Product("Team plan", 6_500, 25),
    _Product("Business plan", 19_000, 80),
    _Product("Enterprise plan", 64_000, 300),
    _Product("onboarding package", 2_400),
    _Product("training days", 3_600),
    _Product("API integration", 9_000),
)
_PRODUCT_SHARES = (20, 30, 30, 30, 7, 8, 7)  # among the products that are not too large


@dataclass(frozen=True, slots=True)
class Told:
    """A deal in its final state, and its timeline."""

    deal: Deal
    events: list[Activity]

    def between(self, scene: Scene) -> tuple[int, int]:
        """The times between which it was open."""
        start, is_closed = self.deal.created_at, self.deal.HasField("closed_at")
        end = from_timestamp(self.deal.closed_at) if is_closed else scene.ends_at
        return from_timestamp(start), end


def sale(scene: Scene, relation: Relation, outcome: StageType.ValueType) -> Told:
    """A first deal with a contact, after they were created; an open one is recent."""
    random, ends = scene.random, scene.ends_at
    came = from_timestamp(relation.contact.created_at)
    if outcome == OPEN:
        came = max(came, last_office_moment(ends - _OPEN_FOR))
        opens, closes = moment_between(random, came, ends), ends
        expected = ends + random.randrange(-12, 90) * DAY
    else:
        latest = min(came + _OPENED_WITHIN, ends - _DECIDED_WITHIN)
        opens = moment_between(random, came, last_office_moment(latest))
        longest = round((ends - opens) * random.uniform(0.4, 1))
        takes = round(random.lognormvariate(3.7, 0.6) * DAY)
        closes = max(opens, moment_before(random, opens + min(takes, longest)))
        expected = closes + random.randrange(-10, 20) * DAY
    staff = 5 if relation.company is None else relation.company.employee_count
    product, size = _product(random, staff), random.lognormvariate(0, 0.4)
    deal = _deal(scene, relation, product.name, opens)
    deal.expected_close_date.CopyFrom(day_of(max(opens, expected)))
    if random.random() < 0.95:
        deal.value.CopyFrom(_money(random, product.value * size))
    if product.seats:
        deal.custom_fields["seats"] = min(staff, max(1, round(product.seats * size)))
    return _move_along(scene, deal, _way(random, scene.sales, outcome), closes)


def renewal(scene: Scene, relation: Relation, won: Deal) -> Told | None:
    """The renewal of a plan that was sold, if its year is nearly over."""
    random, ends = scene.random, scene.ends_at
    contract_ends = from_timestamp(won.closed_at) + _YEAR
    opens = moment_before(random, contract_ends - _AHEAD)
    if opens >= ends or "seats" not in won.custom_fields or not scene.renewals:
        return None
    closes = moment_before(random, contract_ends + random.randrange(-30, 31) * DAY)
    is_decided = closes <= ends
    outcome = random.choices((WON, LOST), weights=(85, 15))[0] if is_decided else OPEN
    product = won.name.rpartition(": ")[2]
    deal = _deal(scene, relation, f"renewal of {product}", opens)
    deal.currency = won.currency
    deal.custom_fields["seats"] = won.custom_fields["seats"]
    deal.expected_close_date.CopyFrom(day_of(contract_ends))
    if won.HasField("value"):
        value = float(won.value.value) * random.uniform(0.9, 1.3)
        deal.value.CopyFrom(_money(random, value))
    way = _way(random, scene.renewals, outcome)
    return _move_along(scene, deal, way, min(closes, ends))


def _product(random: Random, staff: int) -> _Product:
    """Draws the product that a company with this number of employees buys."""
    fitting = [
        share if each.seats <= staff else 0
        for each, share in zip(_PRODUCTS, _PRODUCT_SHARES, strict=True)
    ]
    return random.choices(_PRODUCTS, weights=fitting)[0]


def _deal(scene: Scene, relation: Relation, product: str, opens: int) -> Deal:
    random, contact = scene.random, relation.contact
    is_local = random.random() < 0.15
    deal = Deal(
        id=drawn_id(random, "deal_", opens),
        name=f"{relation.account}: {product}",
        currency=currency_of(contact.country) if is_local else scene.currency,
        tags=some(random, _TAGS, (0, 0, 0, 1, 1, 2)),
        owner_id=relation.seller,
        created_by=relation.seller,
        created_at=to_timestamp(opens),
        updated_at=to_timestamp(opens),
        **relation.links(),
    )
    if contact.source:
        deal.source = contact.source
    if random.random() < 0.4:
        deal.custom_fields["billing"] = random.choice(("yearly", "monthly"))
    return deal


def _move_along(scene: Scene, deal: Deal, way: Sequence[Stage], closes: int) -> Told:
    """Moves a new deal through all stages; it reaches the last one by `closes`."""
    with scene.log.of_deal(closes):
        return Told(deal, _moves(scene, deal, way, closes))


def _moves(
    scene: Scene, deal: Deal, way: Sequence[Stage], closes: int
) -> list[Activity]:
    """The events of a deal that moves through all stages."""
    opens = from_timestamp(deal.created_at)
    place(deal, way[0], opens)
    events = created(scene, deal, deal.owner_id)
    moments = sorted(moment_between(scene.random, opens, closes) for _ in way[1:])
    if way[-1].type != OPEN:
        moments[-1] = closes
    for stage, moment in zip(way[1:], moments, strict=True):
        before = Deal()
        before.CopyFrom(deal)
        place(deal, stage, moment)
        deal.updated_at.CopyFrom(deal.stage_changed_at)
        if deal.status == DEAL_STATUS_LOST:
            deal.lost_reason = scene.random.choice(LOST_REASONS)
        events += changed(scene, before, deal, deal.owner_id)
    return events


def _way(
    random: Random, stages: Sequence[Stage], outcome: StageType.ValueType
) -> list[Stage]:
    """Draws the stages of a deal up to its outcome; few deals skip one."""
    first, *others = (stage for stage in stages if stage.type == OPEN)
    if outcome != WON:
        others = others[: random.randint(0, len(others))]
    way = [first, *(stage for stage in others if random.random() < 0.9)]
    if outcome != OPEN:
        way.append(next(stage for stage in stages if stage.type == outcome))
    return way


def _money(random: Random, amount: float) -> Decimal:
    """Draws an amount: most are round, some exact to the cent."""
    if random.random() < 0.9:
        return Decimal(value=f"{round(amount, -2):.0f}")
    return Decimal(value=f"{amount:.2f}")
