"""What surrounds the handlers costs: the service beside one that mounts the same routes without it; see without_middleware.rs.

The whole has everything that it has in production: metrics, request ids, spans, an access log as JSON in a file, CORS, the headers.
"""

import tempfile
from pathlib import Path
from statistics import median

from dataset import SIZES
from endpoints import ENDPOINTS
from engines import engine
from fixture import Fixture
from programs import without_middleware
from rivals import errors, pair, ratio

TARGET = 1.10  # requests per second without it over those with it, at most
(LIST,) = (endpoint for endpoint in ENDPOINTS if endpoint.name == "list")


def measure(name, programs, options, say):
    """The results on an engine."""
    kinds = {"with": programs.conduit, "without": without_middleware()}
    with tempfile.TemporaryDirectory(prefix="conduit-middleware.") as folder, engine(name, programs, Path(folder)) as database:
        say(f"{name}: loading the data set")
        fixture = Fixture(database, programs, Path(folder), SIZES)
        fixture.fill()
        pairs = []
        for number in range(options.rounds):
            pairs.append(pair(kinds, fixture, LIST, options.seconds, number))
            say(f"{name}, round {number + 1}: {_ratio(pairs[-1]):.3f}", done=1)
        return {
            "engine": database.version(),
            "request": f"{LIST.requests[0].method} {LIST.requests[0].path}",
            "target": TARGET,
            "ratio": median(map(_ratio, pairs)),
            "range": [pick(map(_ratio, pairs)) for pick in (min, max)],
            **{f"per_second_{kind}": median(seen[kind]["per_second"] for seen in pairs) for kind in kinds},
            "errors": errors(pairs),
            "pairs": pairs,
        }


def _ratio(seen):
    return ratio(seen, "without", "with")
