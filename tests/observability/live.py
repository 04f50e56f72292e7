"""Two production-like servers, a Prometheus that scrapes them, and a load on both.

conduit-0 runs the program on PostgreSQL, conduit-1 the program with a defect (defect.rs) on SQLite.
"""

import json
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import incidents
from paths import RULES
from processes import TARGET, Conduit, conduit, eventually, postgres, prometheus
from traffic import Client, CountedResponse, Counts, typical_traffic

COUNT = "http_server_request_duration_seconds_count"
# A small pool, which the load exhausts. The tests act as the proxy.
SETTINGS = {"DATABASE_POOL_SIZE": "4", "DATABASE_POOL_WAIT": "200ms", "TRUSTED_PROXIES": "127.0.0.0/8"}


@dataclass
class Live:
    """Running servers, their Prometheus, and the responses that clients received."""

    prometheus: str
    servers: list[Conduit]
    counts: dict[str, Counts]

    def get(self, path: str, **parameters: str) -> Any:
        """Queries Prometheus' API."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/{path}?{query}", timeout=30) as response:
            return json.load(response)["data"]

    def instant(self, expression: str) -> list[dict[str, Any]]:
        """Returns the current series of an expression."""
        series: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return series

    def responses(self, pod: str) -> Counter[CountedResponse]:
        """Returns the counts of responses in a server's metrics."""
        counts: Counter[CountedResponse] = Counter()
        for series in self.instant(f'{COUNT}{{pod="{pod}"}}'):
            labels = series["metric"]
            counts[labels["method"], labels["route"], labels["status"]] = int(series["value"][1])
        return counts

    def wait_for_scrape(self) -> None:
        """Waits until Prometheus has scraped all servers again."""
        start = time.time()
        all_scraped = f'count(timestamp(up{{job="conduit"}}) > {start + 0.2}) == {len(self.servers)}'
        eventually(lambda: self.instant(all_scraped) or None, "Prometheus scrapes")


@contextmanager
def live(folder: Path) -> Iterator[Live]:
    """Starts everything, sends the load, and waits until Prometheus has scraped the results."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres())
        sqlite = f"sqlite://{folder / 'conduit.db'}"
        servers = [
            stack.enter_context(conduit(TARGET / "conduit", "conduit-0", database, folder, **SETTINGS)),
            stack.enter_context(conduit(TARGET / "examples" / "defect", "conduit-1", sqlite, folder, **SETTINGS)),
        ]
        url = stack.enter_context(prometheus(servers, RULES, folder))
        running = Live(url, servers, {server.pod: Counts() for server in servers})
        running.wait_for_scrape()
        # A counter's first sample already contains earlier events, so rates need a second wave.
        for wave in range(3):
            load(running, database, wave)
            running.wait_for_scrape()
        yield running


def load(running: Live, database: str, wave: int) -> None:
    """Sends one wave of requests to both servers, probes and faults included."""
    for server in running.servers:
        counts = running.counts[server.pod]
        probe = Client(server.api, counts)
        for route in ("/livez", "/readyz"):
            probe.send("GET", route)
        typical_traffic(server.api, counts, f"wave{wave}")
    healthy, defective = running.servers
    incidents.missing_table(healthy.api, running.counts[healthy.pod], database)
    incidents.busy_database(healthy.api, running.counts[healthy.pod], database)
    incidents.defect(defective.api, running.counts[defective.pod], f"defect{wave}")
