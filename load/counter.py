"""What counting all articles costs each publication: as it is, without, and in a single row.

Only on PostgreSQL: on SQLite writes are serialized anyway.
"""

import re
from statistics import median

from dataset import SIZES
from endpoints import ENDPOINTS
from fixture import open_fixture
from measure import ERRORS, WARM_UP_SECONDS
from process_stats import wait_until_idle
from processes import BenchmarkError
from wrk import load

TARGET = 0.80  # at least, with the counter over without
TRIGGER = "articles_inserted"
COUNTING = re.compile(r"update article_totals [^;]*;")
SLOT = "slot = pg_backend_pid() % 32"
[PUBLISH] = [endpoint for endpoint in ENDPOINTS if endpoint.name == "publish"]


def measure(engine_name, programs, options, progress):
    """Returns the results on PostgreSQL."""
    with open_fixture(engine_name, programs, SIZES, progress) as fixture:
        database = fixture.engine
        definitions = _trigger_variants(database)
        rounds = []
        with fixture.server() as server:
            requests = fixture.requests(PUBLISH)
            load(server.url, requests, WARM_UP_SECONDS, server.pid)
            for number in range(options.rounds):
                rounds.append({})
                for variant in sorted(definitions, reverse=number % 2 == 0):
                    database.sql(definitions[variant])
                    database.checkpoint()
                    result = load(server.url, requests, options.seconds, server.pid)
                    rounds[-1][variant] = result
                    wait_until_idle(server.pid)
                    server.truncate_log()
                    progress(f"round {number + 1}: {variant} {result['per_second']:,.0f}/s", done=1)
        database.sql(definitions["spread"])
        fixture.check_consistency("--repair")  # articles were published without the counter
        return {
            "engine": database.version(),
            "errors": sum(result[key] for runs in rounds for result in runs.values() for key in ERRORS),
            "per_second": {name: median(runs[name]["per_second"] for runs in rounds) for name in definitions},
            "ratios": {
                name: median(runs[name]["per_second"] / runs["none"]["per_second"] for runs in rounds)
                for name in definitions
            },
            "target": TARGET,
            "runs": rounds,
        }


def _trigger_variants(database):
    """Returns the trigger's function as it is, without the counter, and with a single row."""
    spread = database.sql(f"select pg_get_functiondef('{TRIGGER}'::regproc)")
    variants = {
        "spread": spread,
        "none": COUNTING.sub("", spread),
        "single": spread.replace(SLOT, "slot = 0"),
    }
    if len(set(variants.values())) < len(variants):
        raise BenchmarkError(f"{TRIGGER} does not count as this measurement expects")
    return variants
