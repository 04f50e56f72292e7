"""2. PostgreSQL is killed under load and restarts."""

import time
from pathlib import Path

import postgres
from clients import Client, Record, Writers, register
from paths import for_mode
from report import FaultResult, percentile, record_result
from server import conduit

ROUNDS = for_mode(short=3, full=20)
WRITERS = 8
BOUND = 5.0


def wait_until_recovered(record: Record, restarted: float) -> None:
    """Waits until no request has failed for 1.5 s, or for twice the bound."""
    while time.monotonic() < restarted + 2 * BOUND:
        time.sleep(0.1)
        last_failure = max([restarted, *(when for when, response in list(record.responses) if not response.is_success)])
        if time.monotonic() > last_failure + 1.5:
            return


def test_program_survives_a_killed_database(tmp_path: Path) -> None:
    with postgres.servers() as (server,), conduit(server.url, tmp_path) as program:
        users = [register(program) for _ in range(WRITERS)]
        recoveries, outages = [], 0
        with Writers(users, pause=0.02) as record:
            time.sleep(1)
            for _ in range(ROUNDS):
                server.kill()
                down = time.monotonic()
                time.sleep(0.5)
                restarted = server.restart()
                wait_until_recovered(record, restarted)
                failures = [when for when, response in list(record.responses) if when >= down and not response.is_success]
                outages += bool(failures)
                recoveries.append(max([restarted, *failures]) - restarted)
        unexpected = [response for _, response in record.responses if not response.is_success and not response.is_retryable_503]
        unavailable = record.statuses()[503]
        lost = record.missing_writes(Client(program))
        is_consistent = program.is_consistent()
        is_running = program.is_running()
    worst, median = max(recoveries), percentile(recoveries, 0.5)
    assert outages == ROUNDS and record.acknowledged_count() > 20 * ROUNDS
    measured = (
        f"{ROUNDS} rounds, {len(record.responses)} responses, {unavailable} of them 503 with `Retry-After`, {len(unexpected)} unexpected; last "
        f"failure {worst:.2f} s after the restart at worst, {median:.2f} s median; {record.acknowledged_count()} writes acknowledged, "
        f"{len(lost)} lost"
    )
    holds = not unexpected and not lost and worst <= BOUND and is_running and is_consistent
    bound = f"only 503 meanwhile, healthy within {BOUND:.0f} s, no restart of Conduit, nothing lost"
    record_result(
        "killed-database", FaultResult("2", "PostgreSQL killed", "`kill -9` of all its processes under load", bound, measured, holds)
    )
    assert not unexpected, unexpected[:5]
