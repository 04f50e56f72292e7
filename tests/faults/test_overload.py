"""7. Three times as many requests arrive as the server can handle."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import pytest

from clients import Client, register
from paths import IS_FULL, for_mode
from postgres import Postgres
from report import FaultResult, milliseconds, percentile, record_result
from server import Conduit, conduit

PEAK_SECONDS, SECONDS = for_mode(short=5, full=20), for_mode(short=10, full=60)
READERS, TIMES = 32, 3
PATH = "/api/articles?limit=100"
# The short form runs an unoptimised program on a busy machine, and a 503 costs it nearly as much as
# a success. It only shows that successes continue, and that half of the 503s arrive before a
# request would time out in the queue.
GOODPUT, REJECTION_SECONDS, RECOVERY = (0.8, 0.05, 5.0) if IS_FULL else (0.25, 0.4, 5.0)
REJECTION_SHARE = 0.95 if IS_FULL else 0.5
SCRIPT = Path(__file__).parent / "open_loop.lua"
CORES = sorted(os.sched_getaffinity(0))
# The load generator must not compete with the servers for CPU.
SERVER_CORES, OTHER_CORES = set(CORES[:1]), set(CORES[1:])


@dataclass
class Load:
    """Result of wrk: responses per second, and when it ended."""

    succeeded: float
    rejected: float
    ended: float

    @property
    def completed(self) -> float:
        """Responses per second, of any status."""
        return self.succeeded + self.rejected


def load(program: Conduit, seconds: int, connections: int, rate: float = 0) -> Load:
    """Runs wrk as fast as its connections allow, or at a rate of requests per second."""
    host, port = program.address
    open_loop = ["--script", SCRIPT] if rate else []
    command = ["wrk", "--threads", 1, "--connections", connections, "--duration", f"{seconds}s", "--timeout", "10s", *open_loop]
    result = subprocess.run(
        [str(word) for word in [*command, f"http://{host}:{port}{PATH}"]], env={**os.environ, "RATE": str(rate)},
        capture_output=True, text=True, check=True, timeout=seconds + 60,
    )  # fmt: skip
    ended = time.time()
    total = sum(map(int, re.findall(r"(\d+) requests in", result.stdout)))
    rejected = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", result.stdout)))
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", result.stdout)))
    assert errors == 0, result.stdout
    return Load((total - rejected) / seconds, rejected / seconds, ended)


class Probes:
    """Clients that send ten requests a second each and record time, status and duration."""

    def __init__(self, program: Conduit, count: int = 6) -> None:
        self.program = program
        self.responses: list[tuple[float, int, float]] = []
        self.unexpected: list[object] = []
        self._stopped = Event()
        self._threads = [Thread(target=self._send_requests, daemon=True) for _ in range(count)]

    def __enter__(self) -> "Probes":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)

    def _send_requests(self) -> None:
        client = Client(self.program)
        while not self._stopped.wait(0.1):
            response = client.get(PATH)
            self.responses.append((time.time(), response.status, response.seconds))
            if response.status != 200 and not response.is_retryable_503:
                self.unexpected.append(response)

    def times(self, status: int, until: float) -> list[float]:
        """Returns the durations of responses with this status until then."""
        return [seconds for when, actual, seconds in self.responses if actual == status and when < until] or [0.0]

    def recovery_time(self, ended: float, slow: float) -> float:
        """Returns the seconds from `ended` to the last response that was no 200 or was slow."""
        disturbances = [when for when, status, seconds in self.responses if when > ended and (status != 200 or seconds > slow)]
        return max([ended, *disturbances]) - ended


@contextmanager
def separate_cores(server: Postgres) -> Iterator[None]:
    """Pins servers started in the block to one core, and everything else to the other cores."""
    pin(server, SERVER_CORES)
    os.sched_setaffinity(0, SERVER_CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, set(CORES))
        pin(server, set(CORES))


def pin(server: Postgres, cores: set[int]) -> None:
    """Pins all processes of PostgreSQL to these cores."""
    for process in server.processes():
        with suppress(ProcessLookupError):  # a connection that ended just now
            os.sched_setaffinity(process, cores)


@pytest.mark.skipif(len(CORES) < 2, reason="the load generator needs a core of its own")
def test_overload_is_rejected_quickly(engine: str, database: str, server: Postgres, tmp_path: Path) -> None:
    with separate_cores(server), conduit(database, tmp_path, WORKERS="2", RUST_LOG="warn,conduit::app=info") as program:
        os.sched_setaffinity(0, OTHER_CORES)
        author = register(program)
        for number in range(120):
            assert author.publish(f"Article {number}").status == 201
        load(program, 2, READERS)
        peak = load(program, PEAK_SECONDS, READERS)
        with Probes(program) as probes:
            baseline = percentile(observe(probes, 2), 0.99)
            overload = load(program, SECONDS, connections_for(peak), TIMES * peak.succeeded)
            time.sleep(RECOVERY + 1)
        assert program.is_running()
    evaluate(engine, peak, overload, probes, baseline)


def connections_for(peak: Load) -> int:
    """Returns a count at which the last of one request per connection waits over a second."""
    return max(2000, round(1.2 * peak.succeeded))


def observe(probes: Probes, seconds: float) -> list[float]:
    """Waits, and returns the durations of all successful responses so far."""
    time.sleep(seconds)
    return probes.times(200, time.time())


def evaluate(engine: str, peak: Load, overload: Load, probes: Probes, baseline: float) -> None:
    """Records the result of the load."""
    begin, goodput = overload.ended - SECONDS, overload.succeeded / peak.succeeded
    probes.responses = [response for response in probes.responses if response[0] > begin]
    successes, rejections = probes.times(200, overload.ended), probes.times(503, overload.ended)
    recovery = probes.recovery_time(overload.ended, slow=max(0.1, 3 * baseline))
    measured = (
        f"peak {peak.succeeded:.0f}/s; {overload.completed:.0f}/s sent, {overload.succeeded:.0f}/s succeeded (**{100 * goodput:.0f} %**; "
        f"median {milliseconds(percentile(successes, 0.5))}, p99 {milliseconds(percentile(successes, 0.99))}), {overload.rejected:.0f}/s rejected "
        f"(median {milliseconds(percentile(rejections, 0.5))}, p95 {milliseconds(percentile(rejections, 0.95))}, "
        f"p99 {milliseconds(percentile(rejections, 0.99))}), {len(probes.unexpected)} otherwise; normal after {recovery:.1f} s"
    )
    holds = (
        goodput >= GOODPUT and overload.completed >= 0.85 * TIMES * peak.succeeded and overload.rejected > 0 and not probes.unexpected
        and percentile(rejections, REJECTION_SHARE) <= REJECTION_SECONDS and recovery <= RECOVERY
    )  # fmt: skip
    injection = (
        f"{TIMES} times the peak of {READERS} readers for {SECONDS} s at a constant rate, sent by wrk on {connections_for(peak):,} connections; "
        "the servers share one core, wrk uses another"
    )
    bound = f"≥ {100 * GOODPUT:.0f} % of the peak succeed, the rest 503 within {1000 * REJECTION_SECONDS:.0f} ms (p{100 * REJECTION_SHARE:.0f}), normal within {RECOVERY:.0f} s"
    record_result(f"overload-{engine}", FaultResult("7", f"Overload, {engine}", injection, bound, measured, holds))
