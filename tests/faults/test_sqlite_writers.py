"""6. Many clients write to SQLite, which allows one writer at a time."""

from pathlib import Path
from time import sleep

from clients import Client, Writers, register
from paths import for_mode
from report import FaultResult, milliseconds, percentile, record_result
from server import conduit

WRITERS = 64
SECONDS = for_mode(short=5, full=60)


def test_concurrent_writers_all_succeed(tmp_path: Path) -> None:
    with conduit(f"sqlite://{tmp_path / 'conduit.db'}", tmp_path) as program:
        users = [register(program) for _ in range(8)]
        with Writers([Client(program, users[number % 8].token) for number in range(WRITERS)]) as record:
            sleep(SECONDS)
        failed = sum(count for status, count in record.statuses().items() if not 200 <= status < 300)
        is_consistent = program.is_consistent()
    times = [response.seconds for _, response in record.responses]
    measured = (
        f"{len(times)} requests, {record.acknowledged_count()} writes ({record.acknowledged_count() / SECONDS:.0f}/s), {failed} failed; "
        f"p99 {milliseconds(percentile(times, 0.99))}, maximum {milliseconds(max(times))}"
    )
    assert record.acknowledged_count() > 20 * SECONDS
    injection = f"{WRITERS} clients write and read continuously for {SECONDS} s"
    record_result(
        "sqlite-writers", FaultResult("6", "Concurrent writers, SQLite", injection, "no 5xx", measured, failed == 0 and is_consistent)
    )
