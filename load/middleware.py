"""What surrounds the handlers costs: the service beside one that mounts the same routes without it; see without_middleware.rs.

The whole has everything that it has in production: metrics, request ids, spans, an access log as JSON in a file, CORS, the headers. Both get
the same load, in turns the one or the other first, each as a new process that is warm before it is measured.
"""

import tempfile
from pathlib import Path
from statistics import median

from dataset import SIZES
from endpoints import ENDPOINTS
from engines import engine
from fixture import Fixture
from measure import ERRORS, WARM_UP_SECONDS
from programs import without_middleware
from wrk import load

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
            order = sorted(kinds, reverse=number % 2 == 0)
            pairs.append({kind: _seen(fixture, kinds[kind], options.seconds) for kind in order})
            say(f"{name}, round {number + 1}: {_ratio(pairs[-1]):.3f}", done=1)
    return {
        "engine": database.version(),
        "request": f"{LIST.requests[0].method} {LIST.requests[0].path}",
        "target": TARGET,
        "ratio": median(map(_ratio, pairs)),
        **{f"per_second_{kind}": median(pair[kind]["per_second"] for pair in pairs) for kind in kinds},
        "errors": sum(seen[key] for pair in pairs for seen in pair.values() for key in ERRORS),
        "pairs": pairs,
    }


def _seen(fixture, program, seconds):
    with fixture.server(program) as server:
        load(server.url, fixture.requests(LIST), WARM_UP_SECONDS, server.pid)
        return load(server.url, fixture.requests(LIST), seconds, server.pid)


def _ratio(pair):
    return pair["without"]["per_second"] / pair["with"]["per_second"]
