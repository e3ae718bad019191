"""A place: an address outside `/v1`, with its methods and their gates.

The first gate that fails ends the request; the place turns its problem into an answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sanic import HTTPResponse, Request

from edge.problems import ProblemError
from edge.state import Edge
from edge.web.visit import Gate, Visit

Answer = Callable[[Edge, Visit], Awaitable[HTTPResponse]]
Refuse = Callable[[Edge, Visit, ProblemError], HTTPResponse]


@dataclass(frozen=True, slots=True)
class Action:
    """A method of a place: its gates, and its answer."""

    answer: Answer
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An address.

    `cross_origin`: scripts of other sites may use it. `bears_token`: its requests have
    a token, and `answer` counts them for the token's tenant before it reads a body. All
    other requests count for the address of the client. `follow` sends what comes after
    a good answer, which is only a head then.
    """

    path: str
    actions: Mapping[str, Action]
    refuse: Refuse
    cross_origin: bool
    bears_token: bool = False
    follow: Callable[[Request, HTTPResponse], Awaitable[None]] | None = None

    @property
    def methods(self) -> str:
        """Its methods, in the form of the `Allow` header."""
        own = ("OPTIONS",) if self.cross_origin else ()
        return ", ".join(sorted((*self.actions, *own)))
