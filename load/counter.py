"""What the number of all articles costs those who publish: with the counter as it is, without it, and with a single row for all.

PostgreSQL's alone: SQLite's writers take turns anyway.
"""

import re
import tempfile
from pathlib import Path
from statistics import median

from dataset import SIZES
from endpoints import ENDPOINTS
from engines import engine
from fixture import Fixture
from measure import ERRORS, WARM_UP_SECONDS
from processes import Failed
from watch import wait_until_idle
from wrk import load

TARGET = 0.80  # with the counter over without, at least
TRIGGER = "articles_inserted"
COUNTING = re.compile(r"update article_totals [^;]*;")
SLOT = "slot = pg_backend_pid() % 32"
[PUBLISH] = [endpoint for endpoint in ENDPOINTS if endpoint.name == "publish"]


def measure(name, programs, options, say):
    """The results, of PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="conduit-counter.") as folder, engine(name, programs, Path(folder)) as database:
        say("loading the data set")
        fixture = Fixture(database, programs, Path(folder), SIZES)
        fixture.fill()
        definitions = _definitions(database)
        rounds = []
        with fixture.server() as server:
            requests = fixture.requests(PUBLISH)
            load(server.url, requests, WARM_UP_SECONDS, server.pid)
            for number in range(options.rounds):
                rounds.append({})
                for which in sorted(definitions, reverse=number % 2 == 0):
                    database.sql(definitions[which])
                    database.settle()
                    seen = rounds[-1][which] = load(server.url, requests, options.seconds, server.pid)
                    wait_until_idle(server.pid)
                    server.forget_log()
                    say(f"round {number + 1}: {which} {seen['per_second']:,.0f}/s", done=1)
        database.sql(definitions["spread"])
        fixture.examine("--repair")  # what was published without a counter
        return {
            "engine": database.version(),
            "errors": sum(seen[key] for runs in rounds for seen in runs.values() for key in ERRORS),
            "per_second": {which: median(runs[which]["per_second"] for runs in rounds) for which in definitions},
            "ratios": {
                which: median(runs[which]["per_second"] / runs["none"]["per_second"] for runs in rounds)
                for which in definitions
            },
            "target": TARGET,
            "runs": rounds,
        }


def _definitions(database):
    """The trigger's function as it is, without the counter, and with one row for everybody."""
    spread = database.sql(f"select pg_get_functiondef('{TRIGGER}'::regproc)")
    definitions = {"spread": spread, "none": COUNTING.sub("", spread), "single": spread.replace(SLOT, "slot = 0")}
    if len(set(definitions.values())) < len(definitions):
        raise Failed(f"{TRIGGER} does not count as this measurement expects")
    return definitions
