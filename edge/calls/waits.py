"""Requests that wait for what happens: meanwhile they are no part of the load."""

from sanic import HTTPResponse

from edge.calls.answers import good_answer
from edge.calls.exchange import Exchange
from edge.calls.perform import perform
from edge.state import Edge, connected


async def answer_waiting(edge: Edge, exchange: Exchange) -> HTTPResponse:
    """Answers a call that may wait."""
    method = connected(edge).methods[exchange.operation.route.request_class]
    body, tenant = exchange.body, exchange.caller.shares_of
    if type(body) is not dict or not body.get("wait_seconds"):
        reply = await perform(exchange, method)
        return good_answer(exchange, reply.message, replayed=False)
    edge.readers.check(tenant)
    with edge.readers.entered(tenant):
        exchange.entry.leave()
        reply = await perform(exchange, method)
    return good_answer(exchange, reply.message, replayed=False)
