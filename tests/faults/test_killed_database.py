"""2. PostgreSQL is killed under load, and comes back."""

import time
from pathlib import Path

import postgres
from findings import Finding, found, percentile
from people import Client, Record, Writers, register
from places import extent
from programs import conduit

ROUNDS = extent(short=3, full=20)
WRITERS = 8
BOUND = 5.0


def recovered(record: Record, back: float) -> None:
    """Waits until nothing has failed for a while, or for twice as long as it may."""
    while time.monotonic() < back + 2 * BOUND:
        time.sleep(0.1)
        failed = max([back, *(when for when, answer in list(record.answers) if not answer.is_success)])
        if time.monotonic() > failed + 1.5:
            return


def test_the_program_outlives_it(tmp_path: Path) -> None:
    with postgres.servers() as (server,), conduit(server.url, tmp_path) as program:
        users = [register(program) for _ in range(WRITERS)]
        recoveries, outages = [], 0
        with Writers(users, pause=0.02) as record:
            time.sleep(1)
            for _ in range(ROUNDS):
                server.kill()
                down = time.monotonic()
                time.sleep(0.5)
                back = server.come_back()
                recovered(record, back)
                failures = [when for when, answer in list(record.answers) if when >= down and not answer.is_success]
                outages += bool(failures)
                recoveries.append(max([back, *failures]) - back)
        wrong = [answer for _, answer in record.answers if not answer.is_success and not answer.says_try_again]
        refused = record.statuses()[503]
        lost = record.lost(Client(program))
        is_sound = program.is_sound()
        is_same = program.is_running()
    worst, median = max(recoveries), percentile(recoveries, 0.5)
    assert outages == ROUNDS and record.acknowledged() > 20 * ROUNDS
    measured = (
        f"{ROUNDS} rounds, {len(record.answers)} answers, {refused} of them 503 with `Retry-After`, {len(wrong)} anything else; last "
        f"failure {worst:.2f} s after the return at worst, {median:.2f} s in the median; {record.acknowledged()} writes acknowledged, "
        f"{len(lost)} lost"
    )
    holds = not wrong and not lost and worst <= BOUND and is_same and is_sound
    bound = f"only 503 meanwhile, healthy within {BOUND:.0f} s, no restart, nothing lost"
    found("killed-database", Finding("2", "PostgreSQL killed", "`kill -9` of all its processes under load", bound, measured, holds))
    assert not wrong, wrong[:5]
