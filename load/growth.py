"""What growth costs: each GET at 10,000, 100,000 and 1,000,000 articles, the rest in proportion.

A response contains the same amount of data at every size (a page of a list, the feed of 20 authors,
an article's comments), so its duration should not change. Only the depth of the indexes grows.
"""

from statistics import median

from client import Client
from dataset import NAMES, scaled
from endpoints import ENDPOINTS, Request
from fixture import open_fixture
from measure import ERRORS, WARM_UP_SECONDS
from process_stats import resident_mib
from processes import BenchmarkError
from wrk import load

SIZES = (10_000, 100_000, 1_000_000)
TARGET = 1.5  # at most, p50 at the largest size over p50 at the smallest
READS = [endpoint for endpoint in ENDPOINTS if endpoint.kind == "read"]


def measure(engine_name, programs, options, progress):
    """Returns the results on an engine."""
    steps = [_measure_size(engine_name, programs, scaled(articles), options, progress) for articles in SIZES]
    first, last = steps[0], steps[-1]
    ratios = {endpoint.name: last["p50_ms"][endpoint.name] / first["p50_ms"][endpoint.name] for endpoint in READS}
    return {"engine": first["engine"], "target": TARGET, "ratios": ratios, "steps": steps}


def _measure_size(engine_name, programs, sizes, options, progress):
    """Returns the p50 of each GET at one size, on a database of its own."""
    articles = sizes["articles"]
    with open_fixture(engine_name, programs, sizes, progress) as fixture:
        results = {endpoint.name: [] for endpoint in READS}
        with fixture.server() as server:
            _check_counts(Client(server.url), articles)
            for endpoint in READS:
                load(server.url, fixture.requests(endpoint), WARM_UP_SECONDS, server.pid)
            for number in range(options.rounds):
                for endpoint in READS:
                    result = load(server.url, fixture.requests(endpoint), options.seconds, server.pid)
                    results[endpoint.name].append(result)
                    server.truncate_log()
                    where = f"{engine_name}, {articles:,} articles, round {number + 1}"
                    progress(f"{where}: {endpoint.name} {result['p50_ms']:.2f} ms", done=1)
            memory = resident_mib(server.pid)
        return {
            "engine": fixture.engine.version(),
            "articles": articles,
            "p50_ms": {name: median(run["p50_ms"] for run in runs) for name, runs in results.items()},
            "errors": sum(run[key] for runs in results.values() for run in runs for key in ERRORS),
            "memory_mib": memory,
            "bytes": fixture.engine.size_bytes(),
        }


def _check_counts(client, articles):
    """Fails unless the totals are exact."""
    user = NAMES + 1
    expected = {
        "/api/articles": articles,
        "/api/articles?offset=9990": articles,
        f"/api/articles?author={user}": articles // (scaled(articles)["users"]),
    }
    for path, count in expected.items():
        actual = client.send(Request("GET", path))["articlesCount"]
        if actual != count:
            raise BenchmarkError(f"{path} counts {actual} articles, expected {count}")
