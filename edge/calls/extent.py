"""What an operation does to other records than the one that its path names: the header
`Affected`.
"""

from edge.calls.exchange import Exchange
from edge.upstream.call import Reply

_AFFECTED = "affected"


async def affected(exchange: Exchange, reply: Reply) -> str:
    """What it did, as a dictionary of RFC 9651; "" if it does not tell, or nothing.

    A deletion tells it as a dry run: what is done can be seen in a restoration.
    """
    route = exchange.operation.route
    if not route.affects_others or not (exchange.is_dry or route.http_method == "POST"):
        return ""
    return await reply.told(_AFFECTED)


def counts(text: str) -> dict[str, int]:
    """The same as numbers by their names."""
    pairs = (each.partition("=") for each in text.split(", ") if each)
    return {name: int(count) for name, _, count in pairs}
