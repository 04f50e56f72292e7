"""Measures the endpoints on one engine: the server beside its limit, for several rounds."""

import time
from statistics import median

import login
from bare_handler import bare_handler
from client import Client
from dataset import SIZES
from fixture import open_fixture
from process_stats import resident_mib, wait_until_idle
from processes import BenchmarkError
from wrk import load

STARTS = 7
WARM_UP_SECONDS = 1
ERRORS = ("status_errors", "socket_errors")


def measure(engine_name, programs, options, progress):
    """Returns the results on an engine."""
    with open_fixture(engine_name, programs, SIZES, progress) as fixture:
        results = Run(fixture, programs, options, progress).results(options.endpoints)
    return {"binary_mb": programs.conduit.stat().st_size / 1e6, **results}


class Run:
    """A run on one engine."""

    def __init__(self, fixture, programs, options, progress):
        self._fixture, self._engine = fixture, fixture.engine
        self._programs, self._options, self._progress = programs, options, progress
        self._bodies, self._pairs = {}, {}

    def results(self, endpoints):
        """Measures start-up and the endpoints.

        Each kind of endpoint gets a new server, so that the memory of one kind does not count for
        another.
        """
        starts = []
        for _ in range(STARTS):
            with self._fixture.server() as server:
                starts.append(server.start_seconds)
                time.sleep(1)
                idle = resident_mib(server.pid)
        self._progress("recording the server's SQL")
        self._prepare(endpoints)
        for kind in ("read", "login", "write"):
            if of_kind := [endpoint for endpoint in endpoints if endpoint.kind == kind]:
                self._measure(of_kind)
        self._fixture.check_consistency()
        return {
            "engine": self._engine.version(),
            "limit": self._engine.limit_description,
            "start_ms": 1000 * median(starts),
            "idle_memory_mib": idle,
            "endpoints": [self._summary(endpoint) for endpoint in endpoints],
        }

    def _prepare(self, endpoints):
        """Records the SQL for the database's limit, and a body for the bare handler."""
        with_sql = [endpoint for endpoint in endpoints if endpoint.kind != "login"]
        self._engine.record_statements(with_sql, self._fixture)
        with self._fixture.server() as server:
            client = Client(server.url)
            for endpoint in endpoints:
                if endpoint.kind == "read":
                    [request], token = self._fixture.example(endpoint)
                    self._bodies[endpoint.name] = client.fetch(request, token)

    def _measure(self, endpoints):
        with self._fixture.server() as server:
            for endpoint in endpoints:
                self._load(endpoint, server, WARM_UP_SECONDS)
            for number in range(self._options.rounds):
                for endpoint in endpoints:
                    pair = self._measure_pair(endpoint, server, number)
                    self._pairs.setdefault(endpoint.name, []).append(pair)
                    self._progress(f"round {number + 1}: {_description(endpoint, pair)}", done=1)

    def _measure_pair(self, endpoint, server, number):
        """Measures the server and its limits; the order alternates with `number`."""
        seconds = self._options.seconds
        parts = {
            "server": lambda: self._load(endpoint, server, seconds),
            "limit": lambda: self._limit(endpoint, server),
        }
        if endpoint.name in self._bodies:
            parts["bare"] = lambda: self._bare_handler(endpoint, seconds)
        pair = {}
        for name in sorted(parts, reverse=number % 2 == 0):
            if endpoint.kind == "write":
                self._engine.checkpoint()
            pair[name] = parts[name]()
        if not pair["server"]["requests"]:
            raise BenchmarkError(f"{endpoint.name} got no response")
        return pair

    def _load(self, endpoint, server, seconds):
        wal_before = self._engine.wal_bytes()
        result = load(server.url, self._fixture.requests(endpoint), seconds, server.pid)
        wait_until_idle(server.pid)
        server.truncate_log()
        if wal_before is not None and endpoint.kind == "write":
            result["log_bytes"] = self._engine.wal_bytes() - wal_before
        return result

    def _bare_handler(self, endpoint, seconds):
        with bare_handler(self._programs.bare_handler, self._bodies[endpoint.name]) as handler:
            return load(handler.url, self._fixture.requests(endpoint), seconds, handler.pid)["per_second"]

    def _limit(self, endpoint, server):
        if endpoint.kind == "login":
            return login.limit(Client(server.url), self._fixture.tokens[1])
        return self._engine.limit(endpoint, self._options.seconds)

    def _summary(self, endpoint):
        return _summary(endpoint, self._engine.target(endpoint), self._pairs[endpoint.name])


def _ratio(pair, to="limit"):
    return pair["server"]["per_second"] / pair[to]


def _description(endpoint, pair):
    rate, limit = pair["server"]["per_second"], pair["limit"]
    text = f"{endpoint.name} {rate:,.0f}/s, limit {limit:,.0f}/s, ratio {_ratio(pair):.2f}"
    return f"{text}, {_ratio(pair, 'bare'):.2f} of a bare handler" if "bare" in pair else text


def _summary(endpoint, target, pairs):
    """Summarizes the rounds: medians, the sum of all errors, and the highest memory use."""
    runs = [pair["server"] for pair in pairs]
    middle = lambda key: median(run[key] for run in runs)
    has_log = "log_bytes" in runs[0]
    return {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "request": ", ".join(f"{request.method} {request.path}" for request in endpoint.requests),
        "per_second": middle("per_second"),
        "limit_per_second": median(pair["limit"] for pair in pairs),
        "ratio": median(map(_ratio, pairs)),
        "target": target,
        "of_bare_handler": median(_ratio(pair, "bare") for pair in pairs) if "bare" in pairs[0] else None,
        "p50_ms": middle("p50_ms"),
        "p99_ms": middle("p99_ms"),
        "log_bytes_each": median(run["log_bytes"] / run["requests"] for run in runs) if has_log else None,
        "errors": sum(run[key] for run in runs for key in ERRORS),
        "memory_mib": max(run["memory_mib"] for run in runs),
        "rounds": pairs,
    }
