"""The forms that change a dashboard: its name, its reports, their order and sizes.

The page has no script: reports follow each other, and each button moves one of them.
Where they stand on the 12 columns follows from their order and their sizes.
"""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.reporting.v1 import own_dashboards_pb2 as pb
from prospectconnect.reporting.v1.dashboards_pb2 import DashboardItem
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

COLUMNS = 12
# The sizes that the page offers, in columns and in rows.
WIDTHS = MappingProxyType(
    {3: "A quarter", 4: "A third", 6: "Half", 8: "Two thirds", 12: "Whole width"}
)
HEIGHTS = MappingProxyType({2: "Low", 3: "Medium", 4: "Normal", 6: "High", 8: "Tall"})
_NEW_WIDTH, _NEW_HEIGHT = 6, 4
_NOTHING = Refused()
_MOST_NAME = 255


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form with what the dashboard is."""
    return await _form(edge, visit, who, _NOTHING)


async def change(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Does what the button says: `save`, `add`, or `up`, `down`, `remove` with a place.

    Whatever it is, the name and the sizes of the form are kept.
    """
    given, dashboard_id = visit.parameters, visit.path_values["dashboard_id"]
    found = await ask(edge, visit, pb.GetOwnDashboardRequest(id=dashboard_id))
    items = _sized(visit, _ordered(found.items))
    action, _, place = given.get("do").partition(":")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else -1
    if action == "add" and given.get("report"):
        size = {"w": _NEW_WIDTH, "h": _NEW_HEIGHT}
        items.append(DashboardItem(report_id=given.get("report")[:64], **size))
    elif 0 <= at < len(items):
        moved = items.pop(at)
        if action == "up":
            items.insert(max(0, at - 1), moved)
        elif action == "down":
            items.insert(at + 1, moved)
    request = pb.UpdateOwnDashboardRequest(
        form_token=given.get("form_token"),
        id=dashboard_id,
        etag=given.get("etag"),
        name=given.get("name").strip(),
        items=packed(items),
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _form(edge, visit, who, refused)
    if action == "save":
        return see_other(f"{addresses.DASHBOARDS}/{dashboard_id}")
    return see_other(f"{addresses.DASHBOARDS}/{dashboard_id}/layout")


async def show_new(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form of a new dashboard."""
    return _new(visit, who, _NOTHING)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Makes a dashboard, which has no reports yet."""
    given = visit.parameters
    request = pb.CreateOwnDashboardRequest(
        form_token=given.get("form_token"), name=given.get("name").strip()
    )
    made, refused = await send(edge, visit, request)
    if made is None:
        return _new(visit, who, refused)
    return see_other(f"{addresses.DASHBOARDS}/{made.id}/layout")


async def ask_to_delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to delete the dashboard."""
    request = pb.GetOwnDashboardRequest(id=visit.path_values["dashboard_id"])
    found = await ask(edge, visit, request)
    return page(
        "account/dashboard_delete",
        who=who,
        here="dashboards",
        dashboard=found,
    )


async def delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Deletes the dashboard. Its reports stay."""
    request = pb.DeleteOwnDashboardRequest(
        form_token=visit.parameters.get("form_token"),
        id=visit.path_values["dashboard_id"],
    )
    await ask(edge, visit, request)
    return see_other(f"{addresses.DASHBOARDS}?done=deleted")


def packed(items: Iterable[DashboardItem]) -> list[DashboardItem]:
    """The items where they stand beside each other, row by row, in their order."""
    found: list[DashboardItem] = []
    x = y = height = 0
    for each in items:
        if x + each.w > COLUMNS:
            x, y, height = 0, y + height, 0
        found.append(
            DashboardItem(report_id=each.report_id, x=x, y=y, w=each.w, h=each.h)
        )
        x, height = x + each.w, max(height, each.h)
    return found


def _ordered(items: Iterable[DashboardItem]) -> list[DashboardItem]:
    return sorted(items, key=lambda each: (each.y, each.x))


def _sized(visit: Visit, items: Sequence[DashboardItem]) -> list[DashboardItem]:
    """The items with the sizes of the form."""
    found = []
    for place, each in enumerate(items):
        sized = DashboardItem(report_id=each.report_id, w=each.w, h=each.h)
        sized.w = _size(visit, f"w{place}", WIDTHS, each.w)
        sized.h = _size(visit, f"h{place}", HEIGHTS, each.h)
        found.append(sized)
    return found


def _size(visit: Visit, name: str, offered: Iterable[int], now: int) -> int:
    chosen = visit.parameters.get(name)
    return next((each for each in offered if str(each) == chosen), now)


async def _form(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    request = pb.GetOwnDashboardRequest(id=visit.path_values["dashboard_id"])
    found = await ask(edge, visit, request)
    names = {each.id: each.name for each in found.reports}
    items = _ordered(found.items)
    shown = {each.report_id for each in items}
    given = visit.parameters.get("name")[:_MOST_NAME]
    return page(
        "account/dashboard_layout",
        status=refused.status,
        who=who,
        here="dashboards",
        dashboard=found,
        name=given if refused.detail else found.name,
        placed=items,
        names=names,
        others=[each for each in found.reports if each.id not in shown],
        widths=WIDTHS,
        heights=HEIGHTS,
        refused=refused,
    )


def _new(visit: Visit, who: Session, refused: Refused) -> HTTPResponse:
    return page(
        "account/dashboard_new",
        status=refused.status,
        who=who,
        here="dashboards",
        name=visit.parameters.get("name")[:_MOST_NAME],
        refused=refused,
    )
