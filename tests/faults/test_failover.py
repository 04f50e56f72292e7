"""3. A primary with a synchronous standby is killed, and the standby is promoted."""

import time
from pathlib import Path
from urllib.parse import urlsplit

import postgres
from clients import Client, Record, Writers, register
from paths import for_mode
from report import FaultResult, record_result
from server import conduit

ROUNDS = for_mode(short=1, full=5)
WRITERS = 4
BOUND = 10.0


def write_times(record: Record, since: float) -> list[float]:
    """Returns the times of successful writes since then."""
    return [when for when, response in list(record.responses) if when >= since and response.status == 201]


def test_failover_loses_no_acknowledged_write(tmp_path: Path) -> None:
    waits, acknowledged, lost, unexpected = [], 0, [], []
    for _ in range(ROUNDS):
        options = ("--standby", "-c", "synchronous_standby_names=*")
        with postgres.servers(*options, count=2) as (primary, standby):
            hosts = f"{primary.url.removesuffix('/postgres')},{urlsplit(standby.url).netloc.split('@')[1]}/postgres"
            with conduit(hosts, tmp_path, DATABASE_CONNECT_TIMEOUT="1s") as program:
                users = [register(program) for _ in range(WRITERS)]
                with Writers(users, pause=0.02) as record:
                    time.sleep(1)
                    assert standby.query("select pg_is_in_recovery()") == "True"
                    primary.kill()
                    time.sleep(0.3)
                    standby.execute("select pg_promote()")
                    promoted = time.monotonic()
                    while not (first := write_times(record, promoted)) and time.monotonic() < promoted + 2 * BOUND:
                        time.sleep(0.1)
                    time.sleep(1)
                waits.append(min(first, default=promoted + 2 * BOUND) - promoted)
                acknowledged += record.acknowledged_count()
                lost += record.missing_writes(Client(program))
                unexpected += [response for _, response in record.responses if not response.is_success and not response.is_retryable_503]
                assert program.is_running() and program.is_consistent()
    measured = (
        f"{ROUNDS} rounds, {acknowledged} writes acknowledged, {len(lost)} lost; writes succeed {max(waits):.2f} s after the promotion "
        f"at worst; {len(unexpected)} responses other than success or 503 with `Retry-After`"
    )
    injection = "primary killed with `kill -9`, its synchronous standby promoted; `DATABASE_URL` names both"
    holds = not lost and not unexpected and max(waits) <= BOUND
    bound = f"no acknowledged write lost, writes succeed within {BOUND:.0f} s"
    record_result("failover", FaultResult("3", "Primary lost", injection, bound, measured, holds))
