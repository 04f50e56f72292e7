"""What growth costs: each GET at 10,000, 100,000 and 1,000,000 articles, the rest of the data in proportion.

As much data stands behind an answer (a page of a list, the feed of 20 authors, an article's comments) at every size, so the answers should
take the same time. What may grow is the depth of the indexes.
"""

import tempfile
from pathlib import Path
from statistics import median

from client import Client
from dataset import NAMES, grown
from endpoints import ENDPOINTS, Request
from engines import engine
from fixture import Fixture
from measure import ERRORS, WARM_UP_SECONDS
from processes import Failed
from watch import resident
from wrk import load

SIZES = (10_000, 100_000, 1_000_000)
TARGET = 1.5  # p50 at the largest size over that at the smallest, at most
READS = [endpoint for endpoint in ENDPOINTS if endpoint.kind == "read"]


def measure(name, programs, options, say):
    """The results on an engine."""
    steps = [_step(name, programs, grown(articles), options, say) for articles in SIZES]
    first, last = steps[0], steps[-1]
    ratios = {endpoint.name: last["p50_ms"][endpoint.name] / first["p50_ms"][endpoint.name] for endpoint in READS}
    return {"engine": first["engine"], "target": TARGET, "ratios": ratios, "steps": steps}


def _step(name, programs, sizes, options, say):
    """The p50 of each GET at one size. Each has a database of its own."""
    articles = sizes["articles"]
    with tempfile.TemporaryDirectory(prefix="conduit-growth.") as folder, engine(name, programs, Path(folder)) as database:
        say(f"{name}: loading {articles:,} articles")
        fixture = Fixture(database, programs, Path(folder), sizes)
        fixture.fill()
        seen = {endpoint.name: [] for endpoint in READS}
        with fixture.server() as server:
            _check_counts(Client(server.url), articles)
            for endpoint in READS:
                load(server.url, fixture.requests(endpoint), WARM_UP_SECONDS, server.pid)
            for number in range(options.rounds):
                for endpoint in READS:
                    seen[endpoint.name].append(load(server.url, fixture.requests(endpoint), options.seconds, server.pid))
                    server.forget_log()
                    p50 = seen[endpoint.name][-1]["p50_ms"]
                    say(f"{name}, {articles:,} articles, round {number + 1}: {endpoint.name} {p50:.2f} ms", done=1)
            memory = resident(server.pid)
        held = database.bytes_held()
        return {
            "engine": database.version(),
            "articles": articles,
            "p50_ms": {which: median(run["p50_ms"] for run in runs) for which, runs in seen.items()},
            "errors": sum(run[key] for runs in seen.values() for run in runs for key in ERRORS),
            "memory_mib": memory,
            "bytes": held,
        }


def _check_counts(client, articles):
    """Fails where a total is not exact."""
    user = NAMES + 1
    expected = {
        "/api/articles": articles,
        "/api/articles?offset=9990": articles,
        f"/api/articles?author={user}": articles // (grown(articles)["users"]),
    }
    for path, count in expected.items():
        told = client.send(Request("GET", path))["articlesCount"]
        if told != count:
            raise Failed(f"{path} counts {told} articles instead of {count}")
