"""One run on one engine: the server and the limit side by side, several times over."""

import time
from statistics import median

import login
from bare import bare_handler
from client import Client
from dataset import SIZES
from fixture import Fixture
from processes import Failed
from watch import resident, wait_until_idle
from wrk import load

STARTS = 7
WARM_UP_SECONDS = 1
ERRORS = ("status_errors", "socket_errors")


class Run:
    """A run on an engine, in a folder of its own."""

    def __init__(self, engine, programs, folder, options, say):
        self._engine, self._programs, self._options, self._say = engine, programs, options, say
        self._fixture = Fixture(engine, programs, folder, SIZES)
        self._answers, self._measured = {}, {}

    def results(self, endpoints):
        """All that was measured. Each kind of endpoint gets a new server, so that the memory of one does not show in the other."""
        self._say("loading the data set")
        self._fixture.fill()
        starts = []
        for _ in range(STARTS):
            with self._fixture.server() as server:
                starts.append(server.seconds_to_answer)
                time.sleep(1)
                idle = resident(server.pid)
        self._say("learning what the server asks of the database")
        self._learn(endpoints)
        for kind in ("read", "login", "write"):
            some = [endpoint for endpoint in endpoints if endpoint.kind == kind]
            if some:
                self._measure(some)
        self._fixture.examine()
        return {
            "engine": self._engine.version(),
            "limit": self._engine.limit_is,
            "start_ms": 1000 * median(starts),
            "idle_memory_mib": idle,
            "endpoints": [self._summary(endpoint) for endpoint in endpoints],
        }

    def _learn(self, endpoints):
        self._engine.learn([endpoint for endpoint in endpoints if endpoint.kind != "login"], self._fixture)
        with self._fixture.server() as server:
            client = Client(server.url)
            for endpoint in endpoints:
                if endpoint.kind == "read":
                    [request], token = self._fixture.example(endpoint)
                    self._answers[endpoint.name] = client.bytes_of(request, token)

    def _measure(self, endpoints):
        with self._fixture.server() as server:
            for endpoint in endpoints:
                self._load(endpoint, server, WARM_UP_SECONDS)
            for number in range(self._options.rounds):
                for endpoint in endpoints:
                    pair = self._pair(endpoint, server, number)
                    self._measured.setdefault(endpoint.name, []).append(pair)
                    self._say(f"round {number + 1}: {_words(endpoint, pair)}", done=1)

    def _pair(self, endpoint, server, number):
        """The server and its limit, in turns the one or the other first."""
        seconds = self._options.seconds
        parts = {"server": lambda: self._load(endpoint, server, seconds), "limit": lambda: self._limit(endpoint, server)}
        if endpoint.name in self._answers:
            parts["bare"] = lambda: self._bare(endpoint, seconds)
        pair = {}
        for name in sorted(parts, reverse=number % 2 == 0):
            if endpoint.kind == "write":
                self._engine.settle()
            pair[name] = parts[name]()
        if not pair["server"]["requests"]:
            raise Failed(f"no request of {endpoint.name} was answered")
        return pair

    def _load(self, endpoint, server, seconds):
        before = self._engine.bytes_logged()
        seen = load(server.url, self._fixture.requests(endpoint), seconds, server.pid)
        wait_until_idle(server.pid)
        server.forget_log()
        if before is not None and endpoint.kind == "write":
            seen["log_bytes"] = self._engine.bytes_logged() - before
        return seen

    def _bare(self, endpoint, seconds):
        with bare_handler(self._programs.bare_handler, self._answers[endpoint.name]) as bare:
            return load(bare.url, self._fixture.requests(endpoint), seconds, bare.pid)["per_second"]

    def _limit(self, endpoint, server):
        if endpoint.kind == "login":
            return login.limit(Client(server.url), self._fixture.tokens[1])
        return self._engine.limit(endpoint, self._options.seconds)

    def _summary(self, endpoint):
        return _summary(endpoint, self._engine.target(endpoint), self._measured[endpoint.name])


def _ratio(pair, to="limit"):
    return pair["server"]["per_second"] / pair[to]


def _words(endpoint, pair):
    text = f"{endpoint.name} {pair['server']['per_second']:,.0f}/s, limit {pair['limit']:,.0f}/s, ratio {_ratio(pair):.2f}"
    return f"{text}, {_ratio(pair, 'bare'):.2f} of a bare handler" if "bare" in pair else text


def _summary(endpoint, target, pairs):
    """The medians of all rounds; errors are added up, and of memory the most counts."""
    seen = [pair["server"] for pair in pairs]
    middle = lambda key: median(run[key] for run in seen)
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
        "log_bytes_each": median(run["log_bytes"] / run["requests"] for run in seen) if "log_bytes" in seen[0] else None,
        "errors": sum(run[key] for run in seen for key in ERRORS),
        "memory_mib": max(run["memory_mib"] for run in seen),
        "rounds": pairs,
    }
