"""Bookings of a tenant that is filled at random."""

from tests.end_to_end.search.drawing import Filling
from tests.promises import booked


def book_some(make: Filling, many: int) -> None:
    """Bookings of both users, about deals that they see; some are no longer pending."""
    for number in range(many):
        client = make.random.choice((make.owner, make.member))
        whose = "owner" if client is make.owner else "member"
        body = booked.request(client)
        body["invitee"] |= {"email": f"guest{number % 5}@of-{whose}.example"}
        deals = [None, *(each["id"] for each in client.pages("/deals", limit=100))]
        deal = {"deal_id": make.random.choice(deals)}
        made = client.create("/bookings", body | deal)
        if end := make.random.choice(("", "confirm", "decline", "cancel")):
            reason = {"cancel_reason": make.text()} if end == "cancel" else None
            answer = client.post(f"/bookings/{made['id']}/{end}", reason)
            assert answer.status == 200, answer.body
