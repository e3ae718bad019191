"""The header `Dry-Run`: the request is answered as in earnest, and nothing is kept."""

from edge.problems import ProblemError

DRY_RUN = "dry-run"
DRY_RUN_HEADER = "Dry-Run"


def is_dry(headers: list[str]) -> bool:
    """Whether a request is a dry run.

    Args:
        headers: The values of all `Dry-Run` headers.

    Raises:
        ProblemError: BAD_REQUEST if there are several, or one that says neither true
            nor false: a request that was meant as a dry run must not write.
    """
    values = [each.strip(" \t") for each in headers]
    if values not in (["true"], ["false"]):
        raise ProblemError("BAD_REQUEST", "Dry-Run takes true or false, once.")
    return values == ["true"]
