"""7. Three times as much is asked as can be answered."""

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

from findings import Finding, found, milliseconds, percentile
from people import Client, register
from places import IS_FULL, extent
from postgres import Postgres
from programs import Conduit, conduit

PEAK_SECONDS, SECONDS = extent(short=5, full=20), extent(short=10, full=60)
READERS, TIMES = 32, 3
PATH = "/api/articles?limit=100"
# The short form runs an unoptimised program, for which a refusal is nearly as much work as an answer, beside whatever else the machine does:
# it shows that answers do not dry up, and that half of the refusals come before anybody who waits in vain would get one.
GOODPUT, SHED, NORMAL = (0.8, 0.05, 5.0) if IS_FULL else (0.25, 0.4, 5.0)
SHARE_SHED = 0.95 if IS_FULL else 0.5
SCRIPT = Path(__file__).parent / "open_loop.lua"
CORES = sorted(os.sched_getaffinity(0))
# The load generator must not take from the servers what it asks them for.
SERVERS_CORES, OTHER_CORES = set(CORES[:1]), set(CORES[1:])


@dataclass
class Load:
    """What wrk saw."""

    answered: float
    failed: float
    over: float

    @property
    def arrived(self) -> float:
        """How many requests a second came to an end."""
        return self.answered + self.failed


def load(program: Conduit, seconds: int, connections: int, rate: float = 0) -> Load:
    """Lets wrk ask as fast as so many connections get answers, or so often a second; requests a second."""
    host, port = program.address
    open_loop = ["--script", SCRIPT] if rate else []
    command = ["wrk", "--threads", 1, "--connections", connections, "--duration", f"{seconds}s", "--timeout", "10s", *open_loop]
    result = subprocess.run(
        [str(word) for word in [*command, f"http://{host}:{port}{PATH}"]], env={**os.environ, "RATE": str(rate)},
        capture_output=True, text=True, check=True, timeout=seconds + 60,
    )  # fmt: skip
    over = time.time()
    total = sum(map(int, re.findall(r"(\d+) requests in", result.stdout)))
    refused = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", result.stdout)))
    broken = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", result.stdout)))
    assert broken == 0, result.stdout
    return Load((total - refused) / seconds, refused / seconds, over)


class Probes:
    """A few who ask ten times a second each: what came back to them when, and after how long."""

    def __init__(self, program: Conduit, count: int = 6) -> None:
        self.program = program
        self.answers: list[tuple[float, int, float]] = []
        self.odd: list[object] = []
        self._over = Event()
        self._threads = [Thread(target=self._ask, daemon=True) for _ in range(count)]

    def __enter__(self) -> "Probes":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _ask(self) -> None:
        client = Client(self.program)
        while not self._over.wait(0.1):
            answer = client.get(PATH)
            self.answers.append((time.time(), answer.status, answer.seconds))
            if answer.status != 200 and not answer.says_try_again:
                self.odd.append(answer)

    def times(self, status: int, until: float) -> list[float]:
        """How long the answers of this status took until then."""
        return [seconds for when, found, seconds in self.answers if found == status and when < until] or [0.0]

    def disturbed(self, over: float, slow: float) -> float:
        """The seconds from this moment to the last answer that was a refusal, or slower than this."""
        odd = [when for when, status, seconds in self.answers if when > over and (status != 200 or seconds > slow)]
        return max([over, *odd]) - over


@contextmanager
def cores_apart(server: Postgres) -> Iterator[None]:
    """The servers that are started within share a core, and everything else has the others."""
    confine(server, SERVERS_CORES)
    os.sched_setaffinity(0, SERVERS_CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, set(CORES))
        confine(server, set(CORES))


def confine(server: Postgres, cores: set[int]) -> None:
    """Lets PostgreSQL run on these cores alone."""
    for process in server.processes():
        with suppress(ProcessLookupError):  # a connection that ended just now
            os.sched_setaffinity(process, cores)


@pytest.mark.skipif(len(CORES) < 2, reason="the load generator needs a core of its own")
def test_what_is_too_much_is_refused_at_once(engine: str, database: str, server: Postgres, tmp_path: Path) -> None:
    with cores_apart(server), conduit(database, tmp_path, WORKERS="2", RUST_LOG="warn,conduit::app=info") as program:
        os.sched_setaffinity(0, OTHER_CORES)
        author = register(program)
        for number in range(120):
            assert author.publish(f"Article {number}").status == 201
        load(program, 2, READERS)
        peak = load(program, PEAK_SECONDS, READERS)
        with Probes(program) as probes:
            calm = percentile(watched(probes, 2), 0.99)
            overload = load(program, SECONDS, crowd(peak), TIMES * peak.answered)
            time.sleep(NORMAL + 1)
        assert program.is_running()
    report(engine, peak, overload, probes, calm)


def crowd(peak: Load) -> int:
    """So many connections that with a request on each of them the last would wait for more than a second."""
    return max(2000, round(1.2 * peak.answered))


def watched(probes: Probes, seconds: float) -> list[float]:
    """How long answers take in this time."""
    time.sleep(seconds)
    return probes.times(200, time.time())


def report(engine: str, peak: Load, overload: Load, probes: Probes, calm: float) -> None:
    """Judges what was seen."""
    begin, goodput = overload.over - SECONDS, overload.answered / peak.answered
    probes.answers = [answer for answer in probes.answers if answer[0] > begin]
    answers, refusals = probes.times(200, overload.over), probes.times(503, overload.over)
    again = probes.disturbed(overload.over, slow=max(0.1, 3 * calm))
    measured = (
        f"peak {peak.answered:.0f}/s; {overload.arrived:.0f}/s asked, {overload.answered:.0f}/s answered (**{100 * goodput:.0f} %**; "
        f"median {milliseconds(percentile(answers, 0.5))}, p99 {milliseconds(percentile(answers, 0.99))}), {overload.failed:.0f}/s refused "
        f"(median {milliseconds(percentile(refusals, 0.5))}, p95 {milliseconds(percentile(refusals, 0.95))}, "
        f"p99 {milliseconds(percentile(refusals, 0.99))}), {len(probes.odd)} otherwise; normal after {again:.1f} s"
    )
    holds = (
        goodput >= GOODPUT and overload.arrived >= 0.85 * TIMES * peak.answered and overload.failed > 0 and not probes.odd
        and percentile(refusals, SHARE_SHED) <= SHED and again <= NORMAL
    )  # fmt: skip
    happened = (
        f"{TIMES} times the peak of {READERS} readers for {SECONDS} s at a constant rate, by wrk on {crowd(peak):,} connections; "
        "the servers share a core, wrk has another"
    )
    bound = f"≥ {100 * GOODPUT:.0f} % of the peak answered, the rest 503 within {1000 * SHED:.0f} ms (p{100 * SHARE_SHED:.0f}), normal within {NORMAL:.0f} s"
    found(f"overload-{engine}", Finding("7", f"Overload, {engine}", happened, bound, measured, holds))
