"""3. A primary with a synchronous standby is killed, and the standby promoted."""

import time
from pathlib import Path
from urllib.parse import urlsplit

import postgres
from findings import Finding, found
from people import Client, Record, Writers, register
from places import extent
from programs import conduit

ROUNDS = extent(short=1, full=5)
WRITERS = 4
BOUND = 10.0


def successes(record: Record, since: float) -> list[float]:
    """When something was written since."""
    return [when for when, answer in list(record.answers) if when >= since and answer.status == 201]


def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    waits, acknowledged, lost, wrong = [], 0, [], []
    for _ in range(ROUNDS):
        options = ("--standby", "-c", "synchronous_standby_names=*")
        with postgres.servers(*options, count=2) as (primary, standby):
            hosts = f"{primary.url.removesuffix('/postgres')},{urlsplit(standby.url).netloc.split('@')[1]}/postgres"
            with conduit(hosts, tmp_path, DATABASE_CONNECT_TIMEOUT="1s") as program:
                users = [register(program) for _ in range(WRITERS)]
                with Writers(users, pause=0.02) as record:
                    time.sleep(1)
                    assert standby.ask("select pg_is_in_recovery()") == "True"
                    primary.kill()
                    time.sleep(0.3)
                    standby.execute("select pg_promote()")
                    promoted = time.monotonic()
                    while not (first := successes(record, promoted)) and time.monotonic() < promoted + 2 * BOUND:
                        time.sleep(0.1)
                    time.sleep(1)
                waits.append(min(first, default=promoted + 2 * BOUND) - promoted)
                acknowledged += record.acknowledged()
                lost += record.lost(Client(program))
                wrong += [answer for _, answer in record.answers if not answer.is_success and not answer.says_try_again]
                assert program.is_running() and program.is_sound()
    measured = (
        f"{ROUNDS} rounds, {acknowledged} writes acknowledged, {len(lost)} lost; writes back {max(waits):.2f} s after the promotion "
        f"at worst; {len(wrong)} answers other than success or 503 with `Retry-After`"
    )
    happened = "primary killed with `kill -9`, its synchronous standby promoted; `DATABASE_URL` names both"
    holds = not lost and not wrong and max(waits) <= BOUND
    bound = f"nothing acknowledged lost, writes back within {BOUND:.0f} s"
    found("failover", Finding("3", "Primary lost", happened, bound, measured, holds))
