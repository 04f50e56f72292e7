"""Two programs on one database, in turns under the same load, each as a new process that is warm before it is measured."""

from measure import ERRORS, WARM_UP_SECONDS
from processes import Failed
from watch import wait_until_idle
from wrk import load


def pair(programs, fixture, endpoint, seconds, number):
    """What was seen of either program, by its name; the order changes from one number to the next."""
    seen = {}
    for name in sorted(programs, reverse=number % 2 == 0):
        if endpoint.kind == "write":
            fixture.engine.settle()
        with fixture.server(programs[name]) as server:
            requests = fixture.requests(endpoint)
            load(server.url, requests, WARM_UP_SECONDS, server.pid)
            seen[name] = load(server.url, requests, seconds, server.pid)
            wait_until_idle(server.pid)
        if not seen[name]["requests"]:
            raise Failed(f"no request of {endpoint.name} was answered")
    return seen


def ratio(pair, numerator, denominator):
    """Requests per second of the one over those of the other."""
    return pair[numerator]["per_second"] / pair[denominator]["per_second"]


def errors(pairs):
    """How many answers were none, or errors."""
    return sum(run[key] for pair in pairs for run in pair.values() for key in ERRORS)
