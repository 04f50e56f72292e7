"""Two servers as in production, a Prometheus that watches them, and the load that both have had.

conduit-0 is the program, on PostgreSQL. conduit-1 is the program with a defect (defect.rs), on SQLite.
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
from places import RULES
from processes import TARGET, Conduit, conduit, eventually, postgres, prometheus
from traffic import Answer, Client, Counts, everyday

COUNT = "http_server_request_duration_seconds_count"
# A pool so small that a crowd fills it; and the tests are the proxy.
SETTINGS = {"DATABASE_POOL_SIZE": "4", "DATABASE_POOL_WAIT": "200ms", "TRUSTED_PROXIES": "127.0.0.0/8"}


@dataclass
class Live:
    """What the tests look at."""

    prometheus: str
    servers: list[Conduit]
    counts: dict[str, Counts]

    def ask(self, path: str, **parameters: str) -> Any:
        """Asks Prometheus' API."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/{path}?{query}", timeout=30) as answer:
            return json.load(answer)["data"]

    def instant(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression has now."""
        series: list[dict[str, Any]] = self.ask("query", query=expression)["result"]
        return series

    def answers(self, pod: str) -> Counter[Answer]:
        """What a server's metrics say that it answered."""
        found: Counter[Answer] = Counter()
        for series in self.instant(f'{COUNT}{{pod="{pod}"}}'):
            labels = series["metric"]
            found[labels["method"], labels["route"], labels["status"]] = int(series["value"][1])
        return found

    def scraped(self) -> None:
        """Waits until Prometheus knows of all that was answered, or would have known."""
        begin = time.time()
        everywhere = f'count(timestamp(up{{job="conduit"}}) > {begin + 0.2}) == {len(self.servers)}'
        eventually(lambda: self.instant(everywhere) or None, "Prometheus scrapes")


@contextmanager
def live(folder: Path) -> Iterator[Live]:
    """Starts everything, sends the load, and waits until Prometheus has seen it all."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres())
        sqlite = f"sqlite://{folder / 'conduit.db'}"
        servers = [
            stack.enter_context(conduit(TARGET / "conduit", "conduit-0", database, folder, **SETTINGS)),
            stack.enter_context(conduit(TARGET / "examples" / "defect", "conduit-1", sqlite, folder, **SETTINGS)),
        ]
        url = stack.enter_context(prometheus(servers, RULES, folder))
        running = Live(url, servers, {server.pod: Counts() for server in servers})
        running.scraped()
        # A counter is first seen with what it has counted by then: only from the second wave on is there a rate of all.
        for wave in range(3):
            load(running, database, wave)
            running.scraped()
        yield running


def load(running: Live, database: str, wave: int) -> None:
    """What users and operators do to both servers."""
    for server in running.servers:
        counts = running.counts[server.pod]
        probe = Client(server.api, counts)
        for route in ("/livez", "/readyz"):
            probe.send("GET", route)
        everyday(server.api, counts, f"wave{wave}")
    whole, defective = running.servers
    incidents.table_is_gone(whole.api, running.counts[whole.pod], database)
    incidents.database_is_busy(whole.api, running.counts[whole.pod], database)
    incidents.defect(defective.api, running.counts[defective.pod], f"defect{wave}")
