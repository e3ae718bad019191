"""The functions that take the most time, from the stacks that a profiler has seen."""

from collections import Counter

MOST = 20


def busiest(name: str, stacks: str, cost: float) -> str:
    """The busiest functions by own time, as a table.

    Args:
        name: What was asked.
        stacks: A line for each stack, outermost function first: `a;b;c 12`.
        cost: Processor seconds for each request.
    """
    own, whole = Counter[str](), Counter[str]()
    for line in stacks.splitlines():
        stack, _, seen = line.rpartition(" ")
        functions = stack.split(";")
        own[functions[-1]] += int(seen)
        whole.update(dict.fromkeys(functions, int(seen)))
    samples = own.total()
    microseconds = cost * 1e6 / samples
    lines = [
        f"{name}: {cost * 1e6:.0f} µs of processor time a request, {samples} samples",
        f"{'own µs':>8}{'own':>8}{'whole':>8}  function, with the C code that it calls",
    ]
    for function, count in own.most_common(MOST):
        shares = f"{count / samples:8.1%}{whole[function] / samples:8.1%}"
        lines.append(f"{count * microseconds:8.1f}{shares}  {function}")
    return "\n".join(lines) + "\n"
