"""6. Many write to SQLite, which has one writer at a time."""

from pathlib import Path
from time import sleep

from findings import Finding, found, milliseconds, percentile
from people import Client, Writers, register
from places import extent
from programs import conduit

WRITERS = 64
SECONDS = extent(short=5, full=60)


def test_writers_take_turns(tmp_path: Path) -> None:
    with conduit(f"sqlite://{tmp_path / 'conduit.db'}", tmp_path) as program:
        users = [register(program) for _ in range(8)]
        with Writers([Client(program, users[number % 8].token) for number in range(WRITERS)]) as record:
            sleep(SECONDS)
        failed = sum(count for status, count in record.statuses().items() if not 200 <= status < 300)
        is_sound = program.is_sound()
    times = [answer.seconds for _, answer in record.answers]
    measured = (
        f"{len(times)} requests, {record.acknowledged()} writes ({record.acknowledged() / SECONDS:.0f} a second), {failed} failed; "
        f"p99 {milliseconds(percentile(times, 0.99))}, the longest {milliseconds(max(times))}"
    )
    assert record.acknowledged() > 20 * SECONDS
    happened = f"{WRITERS} write and read without a pause for {SECONDS} s"
    found("sqlite-writers", Finding("6", "Crowd of writers, SQLite", happened, "no 5xx", measured, failed == 0 and is_sound))
