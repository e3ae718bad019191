"""What is taken at the door is given back, and nobody has two addresses there."""

import pytest

from services.errors import Unavailable
from services.gates.door import Bounded, Crowd, address_of


@pytest.mark.parametrize("amount", [0, 1, 7])
def test_what_is_taken_is_given_back(amount: int) -> None:
    bounded = Bounded(most=14, most_of_one=14)
    for _ in range(3):
        for _ in range(2):
            bounded.acquire("a", amount)
        for _ in range(2):
            bounded.release("a", amount)
    bounded.acquire("a", 14)
    with pytest.raises(Unavailable):
        bounded.acquire("b")


def test_one_has_a_part_and_all_have_a_bound() -> None:
    bounded = Bounded(most=5, most_of_one=3)
    bounded.acquire("a", 3)
    with pytest.raises(Unavailable):
        bounded.acquire("a")
    bounded.acquire("b", 2)
    with pytest.raises(Unavailable):
        bounded.acquire("c")
    bounded.release("a", 3)
    bounded.acquire("c", 3)


def test_who_is_refused_takes_nothing() -> None:
    crowd = Crowd(most=10, of_address=1, of_connection=5)
    crowd.enter("ipv4:192.0.2.1:1")
    for _ in range(20):
        with pytest.raises(Unavailable):
            crowd.enter("ipv4:192.0.2.1:2")
    crowd.leave("ipv4:192.0.2.1:1")
    crowd.enter("ipv4:192.0.2.1:2")


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.1:5000", "192.0.2.1"),
        ("ipv6:[2001:db8:0:1::5]:5000", "2001:db8:0:1::/64"),
        ("ipv6:%5B2001:db8:0:1::6%5D:5001", "2001:db8:0:1::/64"),
        ("ipv6:[::ffff:192.0.2.1]:5000", "192.0.2.1"),
        ("unix:/run/grpc", "unix:/run/grpc"),
    ],
)
def test_connections_of_one_address_are_told(peer: str, address: str) -> None:
    assert address_of(peer) == address


def test_nobody_takes_more_than_is_left_for_others() -> None:
    bounded = Bounded(most=64, most_of_one=16)
    taken = dict[str, int]()
    for key in "abcdefgh":
        try:
            while True:
                bounded.acquire(key, shares=True)
                taken[key] = taken.get(key, 0) + 1
        except Unavailable:
            continue
    # However many came before, each still gets some.
    assert list(taken.values()) == [16, 16, 16, 8, 4, 2, 1, 1]
