"""Pages that load themselves again while something is going on."""

from sanic import HTTPResponse

from edge.account.files.words import AGAIN_SECONDS


def live(answer: HTTPResponse, goes_on: bool) -> HTTPResponse:
    """The page; while something goes on, the browser loads it again by itself."""
    if goes_on:
        answer.headers["Refresh"] = str(AGAIN_SECONDS)
    return answer
