"""Compares two programs on one database under the same load, in alternation.

Each measurement starts a new process and warms it up.
"""

from measure import ERRORS, WARM_UP_SECONDS
from process_stats import wait_until_idle
from processes import BenchmarkError
from wrk import load


def measure_pair(programs, fixture, endpoint, seconds, number):
    """Returns the result of each program by its name; the order alternates with `number`."""
    results = {}
    for name in sorted(programs, reverse=number % 2 == 0):
        if endpoint.kind == "write":
            fixture.engine.checkpoint()
        with fixture.server(programs[name]) as server:
            requests = fixture.requests(endpoint)
            load(server.url, requests, WARM_UP_SECONDS, server.pid)
            results[name] = load(server.url, requests, seconds, server.pid)
            wait_until_idle(server.pid)
        if not results[name]["requests"]:
            raise BenchmarkError(f"{endpoint.name} got no response")
    return results


def ratio(pair, numerator, denominator):
    """Returns the ratio of two programs' requests per second."""
    return pair[numerator]["per_second"] / pair[denominator]["per_second"]


def error_count(pairs):
    """Counts failed requests, timeouts included."""
    return sum(run[key] for pair in pairs for run in pair.values() for key in ERRORS)
