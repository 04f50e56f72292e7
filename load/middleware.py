"""What the middleware costs: the service beside a program that mounts the same routes without it.

The service runs as in production: metrics, request ids, spans, an access log as JSON in a file,
CORS and security headers. The other program is without_middleware.rs.
"""

from statistics import median

from builds import build_without_middleware
from comparison import error_count, measure_pair, ratio
from dataset import SIZES
from endpoints import ENDPOINTS
from fixture import open_fixture

TARGET = 1.10  # at most, requests per second without over with
(LIST,) = (endpoint for endpoint in ENDPOINTS if endpoint.name == "list")


def measure(engine_name, programs, options, progress):
    """Returns the results on an engine."""
    variants = {"with": programs.conduit, "without": build_without_middleware()}
    with open_fixture(engine_name, programs, SIZES, progress) as fixture:
        pairs = []
        for number in range(options.rounds):
            pairs.append(measure_pair(variants, fixture, LIST, options.seconds, number))
            progress(f"{engine_name}, round {number + 1}: {_ratio(pairs[-1]):.3f}", done=1)
        return {
            "engine": fixture.engine.version(),
            "request": f"{LIST.requests[0].method} {LIST.requests[0].path}",
            "target": TARGET,
            "ratio": median(map(_ratio, pairs)),
            "range": [pick(map(_ratio, pairs)) for pick in (min, max)],
            **{f"per_second_{name}": median(pair[name]["per_second"] for pair in pairs) for name in variants},
            "errors": error_count(pairs),
            "pairs": pairs,
        }


def _ratio(pair):
    return ratio(pair, "without", "with")
